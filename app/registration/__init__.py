"""The citizen's form: from the start page to the receipt."""
