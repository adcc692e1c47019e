/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What `ontap -t ipvlan` makes of its options, and what a service is known by.
 */
#include "helper/service-identity.h"
#include "helper/service.h"

#include <glib.h>
#include <linux/capability.h>
#include <string.h>

#define PROGRAM "test"

/* Of the reference's own table: key 00 01 … 0f, data 00 01 … */
static void test_siphash(void)
{
    static const struct {
        size_t size;
        const char *hash;
    } cases[] = {
        {0, "a3817f04ba25a8e66df67214c7550293"},
        {1, "da87c1d86b99af44347659119b22fc45"},
        {2, "8177228da4a45dc7fca38bdef60affe4"},
        {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
    };
    uint8_t bytes[SIPHASH_SIZE];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        uint8_t hash[SIPHASH_SIZE];

        siphash_128(bytes, bytes, cases[i].size, hash);
        for (size_t j = 0; j < sizeof(hash); j++)
            g_string_append_printf(text, "%02x", hash[j]);
        g_assert_cmpstr(text->str, ==, cases[i].hash);
    }
}

static void test_identity(void)
{
    static const struct {
        uint8_t machine;
        const char *network;
        const char *name;
    } others[] = {{2, "lan", "web"}, {1, "lab", "web"}, {1, "lan", "db"}, {1, "la", "nweb"}};
    const uint8_t machine[SIPHASH_SIZE] = {1};
    ServiceIdentity web, again;

    service_identity_of(&web, machine, "lan", "web");
    service_identity_of(&again, machine, "lan", "web");
    g_assert_cmpmem(web.secret, SIPHASH_SIZE, again.secret, SIPHASH_SIZE);
    g_assert_cmpstr(web.client_id, ==, again.client_id);
    g_assert_cmpuint(strlen(web.client_id), ==, SERVICE_CLIENT_ID_SIZE - 1);
    g_assert_true(g_str_has_prefix(web.client_id, "ff"));
    g_assert_cmpint(strncmp(web.client_id + 10, "0004", 4), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        const uint8_t other_machine[SIPHASH_SIZE] = {others[i].machine};
        ServiceIdentity other;

        service_identity_of(&other, other_machine, others[i].network, others[i].name);
        g_assert_cmpint(memcmp(web.secret, other.secret, SIPHASH_SIZE), !=, 0);
        g_assert_cmpstr(web.client_id, !=, other.client_id);
    }
}

static void test_capabilities(void)
{
    static const struct {
        const char *list;
        uint64_t bits; /* 0: refused */
    } cases[] = {
        {"+net_bind_service", 1 << CAP_NET_BIND_SERVICE},
        {"net_bind_service", 1 << CAP_NET_BIND_SERVICE},
        {"CAP_NET_RAW,+chown", 1 << CAP_NET_RAW | 1 << CAP_CHOWN},
        {"+checkpoint_restore", UINT64_C(1) << 40},
        {"+net_admin", 0},
        {"CAP_Net_Admin", 0},
        {"+net_bind_service,+net_admin", 0},
        {"+sys_admin", 0},
        {"+sys_module", 0},
        {"+sys_ptrace", 0},
        {"+sys_rawio", 0},
        {"", 0},
        {"+", 0},
        {"-chown", 0},
        {"+chown,", 0},
        {"+chown +kill", 0},
        {"12", 0},
        {"+net_bind_service_net_bind_service_net_bind_service_net_bind_service", 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Capabilities capabilities = {0};

        g_test_message("%s", cases[i].list);
        g_assert_cmpint(capabilities_take(&capabilities, PROGRAM, cases[i].list), ==,
                        cases[i].bits != 0);
        if (cases[i].bits != 0)
            g_assert_cmphex(capabilities.bits, ==, cases[i].bits);
    }
}

static void test_addresses(void)
{
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {
        {"192.0.2.7/24", true},
        {"2001:db8::7/64", true},
        {"192.0.2.7/32", true},
        {"2001:db8::7/128", true},
        {"192.0.2.7", false},
        {"192.0.2.7/", false},
        {"192.0.2.7/0", false},
        {"192.0.2.7/33", false},
        {"2001:db8::7/129", false},
        {"192.0.2.7/24x", false},
        {"/24", false},
        {"name/24", false},
        {"", false},
        {"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/64", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        ServiceAddresses addresses = {0};

        g_test_message("%s", cases[i].text);
        g_assert_cmpint(service_take_address(&addresses, PROGRAM, cases[i].text), ==, cases[i].ok);
        g_assert_cmpuint(addresses.n_addresses, ==, cases[i].ok);
    }
}

static void test_addresses_bounds(void)
{
    ServiceAddresses addresses = {0};

    g_assert_true(service_take_address(&addresses, PROGRAM, "192.0.2.7/24"));
    g_assert_false(service_take_address(&addresses, PROGRAM, "192.0.2.8/24"));
    for (size_t i = 1; i < SERVICE_ADDRESSES_MAX; i++)
        g_assert_true(service_take_address(&addresses, PROGRAM, "2001:db8::7/64"));
    g_assert_false(service_take_address(&addresses, PROGRAM, "2001:db8::8/64"));

    g_assert_false(service_take_gateway(&addresses, PROGRAM, "192.0.2.1/24"));
    g_assert_true(service_take_gateway(&addresses, PROGRAM, "192.0.2.1"));
    g_assert_false(service_take_gateway(&addresses, PROGRAM, "192.0.2.2"));
    g_assert_true(service_take_gateway(&addresses, PROGRAM, "fe80::1"));
    g_assert_false(service_take_gateway(&addresses, PROGRAM, "fe80::2"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/helper/service/siphash", test_siphash);
    g_test_add_func("/helper/service/identity", test_identity);
    g_test_add_func("/helper/service/capabilities", test_capabilities);
    g_test_add_func("/helper/service/addresses", test_addresses);
    g_test_add_func("/helper/service/addresses-bounds", test_addresses_bounds);
    return g_test_run();
}
