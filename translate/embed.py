# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
"""Writes a file's bytes as a C header: embed.py INPUT OUTPUT NAME.

The compiled programs are carried inside the daemon, so that there is no file to find, to replace
or to mistrust at run time. A header, since a build system sees when a header changes.
"""
import sys

source, target, name = sys.argv[1:]
data = open(source, 'rb').read()
with open(target, 'w') as out:
    out.write(f'static const unsigned char {name}[] __attribute__((aligned(8))) = {{\n')
    for i in range(0, len(data), 16):
        out.write('    ' + ', '.join(f'{byte}' for byte in data[i:i + 16]) + ',\n')
    out.write('};\n')
