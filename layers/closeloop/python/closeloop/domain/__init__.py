"""Pure decisions on plain values: standard library only, no input or output, time passed in."""
