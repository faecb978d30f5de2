"""The house rules of the template, one named function each, and a mutant that each must reject."""
