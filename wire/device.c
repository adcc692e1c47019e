/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The words for kinds of devices, the names that users give, and Ethernet addresses as text.
 *
 * Names end up in aliases, logs, error lines and paths, so the alphabet is one that none of them
 * has to quote, and no name starts with a dot or a hyphen.
 */
#include "wire/device.h"

#include <string.h>

static const struct {
    DeviceType type;
    const char *text;
} types[] = {
    {DEVICE_IPVTAP, "ipvtap"},
    {DEVICE_MACVTAP, "macvtap"},
    {DEVICE_IPVLAN, "ipvlan"},
    {DEVICE_MACVLAN, "macvlan"},
};

#define N_TYPES (sizeof(types) / sizeof(types[0]))

const char *device_type_text(DeviceType type)
{
    for (size_t i = 0; i < N_TYPES; i++)
        if (types[i].type == type)
            return types[i].text;
    return NULL;
}

bool device_type_parse(const char *text, DeviceType *typep)
{
    for (size_t i = 0; i < N_TYPES; i++) {
        if (strcmp(types[i].text, text) == 0) {
            *typep = types[i].type;
            return true;
        }
    }
    return false;
}

/* Not isalnum(): these rules must not change with a locale. */
static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool device_name_valid(const char *name)
{
    size_t size = 0;

    if (!is_alphanumeric(name[0]))
        return false;
    for (; name[size]; size++) {
        if (size == DEVICE_NAME_MAX)
            return false;
        if (!is_alphanumeric(name[size]) && !strchr("._-", name[size]))
            return false;
    }
    return true;
}

void hwaddr_format(const uint8_t hwaddr[static HWADDR_SIZE], char text[static HWADDR_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < HWADDR_SIZE; i++) {
        text[3 * i] = digits[hwaddr[i] >> 4];
        text[3 * i + 1] = digits[hwaddr[i] & 0xf];
        text[3 * i + 2] = ':';
    }
    text[HWADDR_TEXT_SIZE - 1] = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool hwaddr_parse(const char *text, uint8_t hwaddr[static HWADDR_SIZE])
{
    uint8_t bytes[HWADDR_SIZE];

    if (strlen(text) != HWADDR_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < HWADDR_SIZE; i++) {
        int high = hex_digit(text[3 * i]);
        int low = hex_digit(text[3 * i + 1]);

        if (high < 0 || low < 0 || (i < HWADDR_SIZE - 1 && text[3 * i + 2] != ':'))
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(hwaddr, bytes, HWADDR_SIZE);
    return true;
}
