/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the frame parsers answer. Bad input is normal here: it is counted, never an error.
 */
#pragma once

typedef enum {
    PARSE_OK = 0,
    PARSE_OTHER,    /* well formed as far as it was read, and nothing that is learned from */
    PARSE_FRAGMENT, /* a part of a packet; these are never put together (RFC 6980) */
    PARSE_BAD,      /* cut short, or it lies about itself */
} ParseResult;
