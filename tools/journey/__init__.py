"""The journey's definition, walked without an emulator: for its tests and for its figures."""
