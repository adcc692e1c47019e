/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/dhcp6.h"

#define OPTION_CLIENT_ID 1
#define OPTION_IA_NA 3
#define OPTION_IA_TA 4
#define OPTION_ADDRESS 5
#define OPTION_STATUS 13
#define OPTION_RAPID_COMMIT 14

#define DUID_SIZE_MAX 130 /* RFC 8415, 11.1, the type counted */

/* The next option of a list; false at its end or when it lies, which `left` then tells apart. */
static bool option_next(Cursor *options, uint16_t *codep, Cursor *valuep)
{
    Cursor at = *options;
    uint16_t size;

    if (!cursor_u16(&at, codep) || !cursor_u16(&at, &size) || !cursor_split(&at, size, valuep))
        return false;
    *options = at;
    return true;
}

/* IAADDR, 21.6: address, preferred and valid lifetime, options. */
static bool address_parse_option(Cursor value, Dhcp6 *dhcp)
{
    Dhcp6Address address = {.success = true};
    uint32_t preferred;
    uint16_t code, status;
    Cursor inner;

    if (!address_read_v6(&value, &address.address) || !cursor_u32(&value, &preferred) ||
        !cursor_u32(&value, &address.valid))
        return false;
    if (preferred > address.valid)
        return false;
    while (option_next(&value, &code, &inner)) {
        if (code != OPTION_STATUS)
            continue;
        if (!cursor_u16(&inner, &status))
            return false;
        if (status != DHCP6_STATUS_SUCCESS)
            address.success = false;
    }
    if (value.left != 0)
        return false;
    if (dhcp->n_addresses < DHCP6_ADDRESSES_MAX)
        dhcp->addresses[dhcp->n_addresses++] = address;
    return true;
}

/* IA_NA, 21.4, and IA_TA, 21.5, which has no T1 and T2. */
static bool association_parse(Cursor value, bool temporary, Dhcp6 *dhcp)
{
    unsigned first = dhcp->n_addresses;
    bool success = true;
    uint16_t code, status;
    Cursor inner;

    if (!cursor_skip(&value, temporary ? 4 : 12))
        return false;
    while (option_next(&value, &code, &inner)) {
        switch (code) {
        case OPTION_ADDRESS:
            if (!address_parse_option(inner, dhcp))
                return false;
            break;
        case OPTION_STATUS:
            if (!cursor_u16(&inner, &status))
                return false;
            if (status != DHCP6_STATUS_SUCCESS)
                success = false;
            break;
        }
    }
    if (value.left != 0)
        return false;
    for (unsigned i = first; i < dhcp->n_addresses && !success; i++)
        dhcp->addresses[i].success = false;
    return true;
}

ParseResult dhcp6_parse(Cursor message, Dhcp6 *dhcp)
{
    uint32_t first;
    uint16_t code;
    Cursor value;

    dhcp->status = DHCP6_STATUS_SUCCESS;
    dhcp->rapid_commit = false;
    dhcp->client_id = (ClientId){0};
    dhcp->n_addresses = 0;
    if (!cursor_u32(&message, &first))
        return PARSE_BAD;
    dhcp->type = (uint8_t)(first >> 24);
    dhcp->xid = first & 0xffffff;
    if (dhcp->type < DHCP6_SOLICIT || dhcp->type > DHCP6_INFORMATION_REQUEST)
        return PARSE_OTHER;

    while (option_next(&message, &code, &value)) {
        bool ok = true;

        switch (code) {
        case OPTION_CLIENT_ID:
            ok = dhcp->client_id.size == 0 && value.left > 0 && value.left <= DUID_SIZE_MAX;
            if (ok)
                client_id_set(&dhcp->client_id, value);
            break;
        case OPTION_IA_NA:
        case OPTION_IA_TA:
            ok = association_parse(value, code == OPTION_IA_TA, dhcp);
            break;
        case OPTION_STATUS:
            ok = cursor_u16(&value, &dhcp->status);
            break;
        case OPTION_RAPID_COMMIT:
            dhcp->rapid_commit = true;
            break;
        }
        if (!ok)
            return PARSE_BAD;
    }
    return message.left == 0 ? PARSE_OK : PARSE_BAD;
}
