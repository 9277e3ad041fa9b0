"""The guarantee of the standard (standard C): letter, courier, proof, apology."""
