/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/nd.h"

#define HOP_LIMIT 255 /* proves that no router passed it on */

#define OPTION_SOURCE_LINK 1
#define OPTION_TARGET_LINK 2
#define OPTION_PREFIX 3
#define PREFIX_FLAG_AUTONOMOUS 0x40

static bool prefix_parse(Cursor option, Nd *nd)
{
    NdPrefix prefix;
    uint8_t flags;

    if (!cursor_u8(&option, &prefix.length) || !cursor_u8(&option, &flags) ||
        !cursor_u32(&option, &prefix.valid) || !cursor_skip(&option, 8) ||
        !address_read_v6(&option, &prefix.prefix) || option.left != 0 || prefix.length > 128)
        return false;
    prefix.autonomous = flags & PREFIX_FLAG_AUTONOMOUS;
    if (nd->n_prefixes < ND_PREFIXES_MAX)
        nd->prefixes[nd->n_prefixes++] = prefix;
    return true;
}

/* Options have a type and a length in units of eight bytes, these two counted. */
static bool options_parse(Cursor options, Nd *nd)
{
    uint8_t type, units;
    Cursor option;

    while (options.left > 0) {
        Cursor header = options;

        if (!cursor_u8(&header, &type) || !cursor_u8(&header, &units) || units == 0 ||
            !cursor_split(&options, (size_t)units * 8, &option) || !cursor_skip(&option, 2))
            return false;
        switch (type) {
        case OPTION_SOURCE_LINK:
        case OPTION_TARGET_LINK:
            if (!cursor_copy(&option, nd->link, HWADDR_SIZE))
                return false;
            nd->has_link = true;
            break;
        case OPTION_PREFIX:
            if (!prefix_parse(option, nd))
                return false;
            break;
        }
    }
    return true;
}

static bool router_advertisement_parse(Cursor *message, Nd *nd)
{
    return cursor_skip(message, 2) && cursor_u16(message, &nd->router_lifetime) &&
           cursor_skip(message, 8);
}

static bool target_parse(Cursor *message, Nd *nd)
{
    return cursor_skip(message, 4) && address_read_v6(message, &nd->target) &&
           nd->target.bytes[0] != 0xff;
}

ParseResult nd_parse(Cursor message, const Ipv6 *ipv6, Nd *nd)
{
    bool unspecified = address_unspecified(&ipv6->source);
    uint8_t code;
    bool ok;

    nd->target = (IpAddress){0};
    nd->has_link = false;
    nd->router_lifetime = 0;
    nd->n_prefixes = 0;
    if (!cursor_u8(&message, &nd->type) || !cursor_u8(&message, &code) || !cursor_skip(&message, 2))
        return PARSE_BAD;
    if (nd->type < ND_ROUTER_SOLICITATION || nd->type > ND_NEIGHBOUR_ADVERTISEMENT)
        return PARSE_OTHER;
    if (ipv6->hop_limit != HOP_LIMIT || code != 0)
        return PARSE_BAD;

    switch (nd->type) {
    case ND_ROUTER_SOLICITATION:
        ok = cursor_skip(&message, 4);
        break;
    case ND_ROUTER_ADVERTISEMENT:
        ok = router_advertisement_parse(&message, nd);
        break;
    default:
        ok = target_parse(&message, nd);
        break;
    }
    if (!ok || !options_parse(message, nd))
        return PARSE_BAD;

    /* Who has no address yet asks the address's own group, and has no link to tell. */
    if (nd->type == ND_NEIGHBOUR_SOLICITATION && unspecified &&
        (nd->has_link || !address_is_solicited_node(&ipv6->destination, &nd->target)))
        return PARSE_BAD;
    if (nd->type == ND_ROUTER_SOLICITATION && unspecified && nd->has_link)
        return PARSE_BAD;
    return PARSE_OK;
}
