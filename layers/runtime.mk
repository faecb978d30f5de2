# What every part is built for. The defaults are what template.yaml deploys; `make build-local`
# overrides both with this machine's own, because the emulator runs functions in the host's Python.
PLATFORM ?= aarch64-manylinux_2_28
PYTHON_VERSION ?= 3.13

# The project's own uv where `make setup` has put it; it must never fetch a Python by itself.
UV := $(or $(wildcard $(dir $(lastword $(MAKEFILE_LIST)))../.uv/bin/uv),uv)
export UV_PYTHON_DOWNLOADS := never

# python,<minor version>: an interpreter of that version, on the PATH or among pyenv's, or nothing.
python = $(firstword $(foreach candidate, \
  python$(1) $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/$(1).*/bin/python$(1)), \
  $(if $(shell $(candidate) -c pass 2>/dev/null && echo found),$(candidate))))

# Bytecode is only of use if the runtime's own minor version wrote it.
BYTECODE_PYTHON ?= $(call python,$(PYTHON_VERSION))

# compile,<folder>,<where it lies when deployed>
# unchecked-hash: SAM zips with a fixed date, so with a timestamp Python would compile again at
# every cold start.
ifneq ($(BYTECODE_PYTHON),)
compile = $(BYTECODE_PYTHON) -m compileall -q --invalidation-mode unchecked-hash -s "$(1)" -p "$(2)" "$(1)"
else
compile = echo "$@: no python$(PYTHON_VERSION) on this machine, so it ships without bytecode:" \
  "cold starts cost two to three times the CPU"
endif
