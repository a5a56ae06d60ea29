"""Makes one C++ header of the report's page, its style and its scripts: what stands before the result, and what after."""

import pathlib
import sys

LONGEST = 8000  # characters of one literal; compilers need not take more than 65,536


def literal(name, text):
    pieces = "\n".join(f'R"weir({text[at:at + LONGEST]})weir"' for at in range(0, len(text), LONGEST))
    return f"inline constexpr std::string_view {name} =\n{pieces};\n"


def main(output, page, style, *scripts):
    def read(name):
        return pathlib.Path(name).read_text(encoding="utf-8")
    whole = read(page).replace("@STYLE@", read(style)).replace("@SCRIPT@", "".join(map(read, scripts)))
    before, after = whole.split("@RESULT@")
    pathlib.Path(output).write_text(
        "// Made from lib/load/report/.\n#pragma once\n\n#include <string_view>\n\nnamespace weir::load {\n\n"
        f"{literal('kBeforeResult', before)}\n{literal('kAfterResult', after)}\n}}  // namespace weir::load\n",
        encoding="utf-8")


main(*sys.argv[1:])
