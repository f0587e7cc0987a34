-- SPDX-License-Identifier: MIT
rockspec_format = "3.0"
package = "cx"
version = "scm-1"
source = { url = "." } -- built from a clone: luarocks make bindings/lua/cx-scm-1.rockspec
description = {
  summary = "The customer, as a library",
  detailed = "Records, permission, stage and ranking of customers, from one store or from a mapped model and a profile.",
  license = "MIT",
}
dependencies = { "lua >= 5.1, < 5.5" }
external_dependencies = { CX = { header = "cx.h", library = "cx" } }
build = {
  type = "builtin",
  modules = {
    cx = {
      sources = {
        "bindings/lua/cx.c", "bindings/lua/convert.c", "bindings/lua/cx_table.c", "bindings/lua/cx_model.c",
        "bindings/lua/cx_metric.c", "bindings/lua/cx_record.c", "bindings/lua/cx_permission.c",
        "bindings/lua/cx_profile.c", "bindings/lua/cx_format.c", "bindings/lua/cx_store.c",
        "bindings/lua/cx_history.c", "bindings/lua/cx_lifecycle.c", "bindings/lua/cx_stage.c",
        "bindings/lua/cx_ranker.c", "bindings/lua/cx_base.c",
      },
      incdirs = { "$(CX_INCDIR)" },
      libdirs = { "$(CX_LIBDIR)" },
      libraries = { "cx" },
    },
  },
}
