"""What is wrong or risky with this installation, in plain words: `flask doctor` and /petugas/pemeriksaan."""
