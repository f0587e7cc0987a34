# SPDX-License-Identifier: MIT
"""Writes libcx/_abi.py from the headers with libclang: gen_abi.py INCLUDE-FOLDER > _abi.py
With --stub, libcx/_abi.pyi, which tells type checkers what the fields of structures are: gen_abi.py --stub INCLUDE-FOLDER > _abi.pyi

Structures with their fields and the offsets and sizes that the compiler gave them, constants, callback types, and for each function its
result and argument types. The table is committed; tests/scripts/bindings.sh makes it anew and compares.
"""
import sys
from pathlib import Path

from clang.cindex import Config, CursorKind, Index, TypeKind

if not Config.loaded:
    for candidate in ("/usr/lib/llvm-14/lib/libclang.so.1", "/usr/lib/x86_64-linux-gnu/libclang-14.so.1"):
        if Path(candidate).exists():
            Config.set_library_file(candidate)
            break

PLAIN = {
    TypeKind.VOID: "None",
    TypeKind.BOOL: "c_bool",
    TypeKind.CHAR_S: "c_char",
    TypeKind.SCHAR: "c_int8",
    TypeKind.UCHAR: "c_uint8",
    TypeKind.SHORT: "c_int16",
    TypeKind.USHORT: "c_uint16",
    TypeKind.INT: "c_int32",
    TypeKind.UINT: "c_uint32",
    TypeKind.LONG: "c_int64",
    TypeKind.ULONG: "c_uint64",
    TypeKind.LONGLONG: "c_int64",
    TypeKind.ULONGLONG: "c_uint64",
    TypeKind.FLOAT: "c_float",
    TypeKind.DOUBLE: "c_double",
}


def type_name(of, structs, result=False):
    """The ctypes expression for a C type. Handles are c_void_p; text that a function returns is c_char_p."""
    canonical = of.get_canonical()
    if canonical.kind in PLAIN:
        return PLAIN[canonical.kind]
    if canonical.kind == TypeKind.CONSTANTARRAY:
        return f"{type_name(canonical.element_type, structs)} * {canonical.element_count}"
    if canonical.kind == TypeKind.INCOMPLETEARRAY:
        return f"POINTER({type_name(canonical.element_type, structs)})"
    if canonical.kind == TypeKind.RECORD:
        return canonical.get_declaration().spelling
    if canonical.kind == TypeKind.POINTER:
        target = canonical.get_pointee()
        if target.kind == TypeKind.FUNCTIONPROTO:
            return of.spelling if of.kind == TypeKind.TYPEDEF or of.spelling.endswith("_fn") else function_type(target, structs)
        if target.kind == TypeKind.RECORD:
            name = target.get_declaration().spelling
            return f"POINTER({name})" if name in structs else "c_void_p"
        if target.kind == TypeKind.VOID:
            return "c_void_p"
        if target.kind == TypeKind.CHAR_S and (result or target.is_const_qualified()):
            return "c_char_p"
        return f"POINTER({type_name(target, structs)})"
    raise ValueError(f"no ctypes for {of.spelling}")


def function_type(prototype, structs):
    arguments = [type_name(argument, structs) for argument in prototype.argument_types()]
    return f"CFUNCTYPE({', '.join([type_name(prototype.get_result(), structs), *arguments])})"


def field_type(of, structs):
    """What reading a field of a ctypes structure gives, for type checkers."""
    canonical = of.get_canonical()
    if canonical.kind in (TypeKind.FLOAT, TypeKind.DOUBLE):
        return "float"
    if canonical.kind == TypeKind.CHAR_S:
        return "bytes"
    if canonical.kind in PLAIN:
        return "int"
    if canonical.kind == TypeKind.CONSTANTARRAY:
        element = type_name(canonical.element_type, structs)
        return "bytes" if element == "c_char" else f"Array[{element}]"
    if canonical.kind == TypeKind.RECORD:
        return canonical.get_declaration().spelling
    name = type_name(of, structs)
    if name.startswith("POINTER("):
        return f"_Pointer[{name[8:-1]}]" if "POINTER" not in name[8:] else "Any"
    return {"c_void_p": "Optional[int]", "c_char_p": "Optional[bytes]"}.get(name, "Any")


def read_headers(include):
    unit = Index.create().parse(
        "all.h", args=["-x", "c", "-std=c11", f"-I{include}"], unsaved_files=[("all.h", "#include <cx.h>\n")], options=1
    )
    errors = [d.spelling for d in unit.diagnostics if d.severity >= 3]
    if errors:
        raise SystemExit("\n".join(errors))
    inside = [c for c in unit.cursor.get_children() if c.location.file and str(c.location.file).startswith(str(include))]
    structs = [c for c in inside if c.kind == CursorKind.STRUCT_DECL and c.is_definition()]
    return unit, inside, structs


def callbacks(inside):
    for cursor in inside:
        if cursor.kind == CursorKind.TYPEDEF_DECL and cursor.underlying_typedef_type.get_canonical().kind == TypeKind.POINTER:
            target = cursor.underlying_typedef_type.get_canonical().get_pointee()
            if target.kind == TypeKind.FUNCTIONPROTO:
                yield cursor, target


def stub(include):
    _, inside, structs = read_headers(include)
    names = {c.spelling for c in structs}
    print('# SPDX-License-Identifier: MIT\n"""Made by tools/gen_abi.py --stub from the headers; not edited by hand."""')
    print("from ctypes import Array, Structure, _CFunctionType, _Pointer, c_double, c_int32, c_int64, c_uint8")
    print("from typing import Any, Callable, Dict, List, Optional, Tuple, Type\n")
    for cursor, _ in callbacks(inside):
        print(f"{cursor.spelling}: Type[_CFunctionType]")
    for cursor in structs:
        print(f"\nclass {cursor.spelling}(Structure):")
        for field in cursor.type.get_fields():
            text = cursor.spelling == "cx_text" and field.spelling == "data"
            print(f"    {field.spelling}: {'Optional[int]' if text else field_type(field.type, names)}")
    print("\nLAYOUTS: Dict[str, Tuple[int, Tuple[int, ...]]]")
    print("CONSTANTS: Dict[str, int]")
    print("FUNCTIONS: List[Tuple[str, Any, List[Any], bool]]\n")
    print("class Functions:")
    for cursor in inside:
        if cursor.kind == CursorKind.FUNCTION_DECL:
            result = type_name(cursor.result_type, names, result=True)
            result = {"None": "None", "c_char_p": "bytes", "c_double": "float"}.get(result, "Any" if "(" in result else "int")
            print(f"    {cursor.spelling}: Callable[..., {result}]")


def main(include):
    unit, inside, structs = read_headers(include)
    names = {c.spelling for c in structs}
    print('# SPDX-License-Identifier: MIT\n"""Made by tools/gen_abi.py from the headers; not edited by hand."""')
    print("from ctypes import (CFUNCTYPE, POINTER, Structure, c_char, c_char_p, c_double, c_int32, c_int64, c_uint8, c_uint32, c_uint64,")
    print("                    c_void_p)\n")
    print("# Callbacks")
    for cursor, target in callbacks(inside):
        print(f"{cursor.spelling} = {function_type(target, names)}")
    print("\n# Structures: fields, then (size, offsets) as the compiler laid them out")
    layouts = []
    for cursor in structs:
        print(f"\n\nclass {cursor.spelling}(Structure):\n    pass\n")
        fields = list(cursor.type.get_fields())
        print(f"\n{cursor.spelling}._fields_ = [")
        for field in fields:
            # A text is not terminated: its address is what counts, not the bytes up to a NUL.
            kind = "c_void_p" if cursor.spelling == "cx_text" and field.spelling == "data" else type_name(field.type, names)
            print(f'    ("{field.spelling}", {kind}),')
        print("]")
        offsets = ", ".join(str(field.get_field_offsetof() // 8) for field in fields)
        layouts.append(f'    "{cursor.spelling}": ({cursor.type.get_size()}, ({offsets},)),')
    print("\nLAYOUTS = {\n" + "\n".join(layouts) + "\n}")
    print("\n# Constants\nCONSTANTS = {")
    for cursor in inside:
        if cursor.kind == CursorKind.ENUM_DECL:
            for constant in cursor.get_children():
                print(f'    "{constant.spelling}": {constant.enum_value},')
    for cursor in unit.cursor.get_children():
        if cursor.kind == CursorKind.MACRO_DEFINITION and cursor.spelling.startswith("CX_") and cursor.location.file:
            tokens = [token.spelling for token in cursor.get_tokens()]
            if len(tokens) == 2 and tokens[1].isdigit():
                print(f'    "{cursor.spelling}": {tokens[1]},')
    print('    "CX_TIME_NONE": -(2**63),\n}')
    print("\n# Functions: (name, result, arguments)\nFUNCTIONS = [")
    for cursor in inside:
        if cursor.kind == CursorKind.FUNCTION_DECL:
            arguments = [type_name(argument.type, names) for argument in cursor.get_arguments()]
            result = type_name(cursor.result_type, names, result=True)
            status = cursor.result_type.spelling == "cx_status"
            print(f'    ("{cursor.spelling}", {result if not status else "c_int32"}, [{", ".join(arguments)}], {status}),')
    print("]")
    print('\n\nclass Functions:\n    """Holds the functions of a loaded library."""')


if sys.argv[1] == "--stub":
    stub(Path(sys.argv[2]).resolve())
else:
    main(Path(sys.argv[1]).resolve())
