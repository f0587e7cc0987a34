# SPDX-License-Identifier: MIT
include bindings/lua/lua.mk
PYTHON_PACKAGE = __init__.py _abi.py _abi.pyi _lib.py _time.py base.py content.py event.py format.py history.py lifecycle.py metric.py \
	model.py party.py permission.py preference.py profile.py py.typed ranker.py stage.py store.py table.py
EXTRA_DIST += bindings/installed.sh $(PYTHON_PACKAGE:%=bindings/python/libcx/%) bindings/python/README.md \
	bindings/python/pyproject.toml bindings/python/tests/test_libcx.py bindings/python/tools/gen_abi.py
