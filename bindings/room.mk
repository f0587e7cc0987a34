# SPDX-License-Identifier: MIT
include bindings/lua/lua.mk
