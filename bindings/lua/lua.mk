# SPDX-License-Identifier: MIT
# The Lua module, once for each interpreter that is there: cx.so under lib/lua/<version>. The interpreter brings Lua's own functions.
LUA_SOURCES = bindings/lua/binding.h bindings/lua/compat.h bindings/lua/cx.c bindings/lua/convert.c bindings/lua/cx_table.c \
	bindings/lua/cx_model.c bindings/lua/cx_metric.c bindings/lua/cx_record.c bindings/lua/cx_permission.c \
	bindings/lua/cx_profile.c bindings/lua/cx_format.c bindings/lua/cx_store.c bindings/lua/cx_history.c \
	bindings/lua/cx_lifecycle.c bindings/lua/cx_stage.c bindings/lua/cx_ranker.c bindings/lua/cx_base.c
LUA_MODULE_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -export-symbols-regex '^luaopen_cx$$'
LUA_TESTS = bindings/lua/tests/support.lua bindings/lua/tests/objects.lua bindings/lua/tests/records.lua \
	bindings/lua/tests/models.lua bindings/lua/tests/store.lua bindings/lua/tests/ranker.lua
EXTRA_DIST += $(LUA_SOURCES) $(LUA_TESTS) bindings/lua/README.md bindings/lua/skip.txt bindings/lua/cx-scm-1.rockspec

if HAVE_LUA
luaexecdir = $(libdir)/lua/$(LUA_ABI)
luaexec_LTLIBRARIES = bindings/lua/interpreter/cx.la
bindings_lua_interpreter_cx_la_SOURCES = $(LUA_SOURCES)
bindings_lua_interpreter_cx_la_CPPFLAGS = -I$(top_srcdir)/include $(LUA_CFLAGS)
bindings_lua_interpreter_cx_la_LDFLAGS = $(LUA_MODULE_LDFLAGS)
bindings_lua_interpreter_cx_la_LIBADD = libcx.la
endif
if HAVE_LUAJIT
luajitexecdir = $(libdir)/lua/5.1
luajitexec_LTLIBRARIES = bindings/lua/luajit/cx.la
bindings_lua_luajit_cx_la_SOURCES = $(LUA_SOURCES)
bindings_lua_luajit_cx_la_CPPFLAGS = -I$(top_srcdir)/include $(LUAJIT_CFLAGS)
bindings_lua_luajit_cx_la_LDFLAGS = $(LUA_MODULE_LDFLAGS)
bindings_lua_luajit_cx_la_LIBADD = libcx.la
endif
# Installing links the module again, with the library where it is then.
install-luaexecLTLIBRARIES install-luajitexecLTLIBRARIES: install-libLTLIBRARIES
# libtool's own description of a module serves nobody.
install-exec-hook:
	rm -f '$(DESTDIR)$(libdir)/lua/$(LUA_ABI)/cx.la' '$(DESTDIR)$(libdir)/lua/5.1/cx.la'
uninstall-hook:
	rm -f '$(DESTDIR)$(libdir)/lua/$(LUA_ABI)/cx.so' '$(DESTDIR)$(libdir)/lua/5.1/cx.so'
