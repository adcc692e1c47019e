/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The language: every complaint with its place and words, every default, every warning.
 */
#include "tests/policy-text.h"

#include <sys/socket.h>

typedef struct {
    const char *name;
    const char *text;
    const char *message; /* of the error; NULL: the text is a valid policy */
} Case;

#define LAN "network lan parent=eth0\n"
#define KEYS_NETWORK                                                                               \
    "valid are: parent, default, types, mode, mac, guard, only, except, static, host, devices"
#define KEYS_ALLOW "valid are: user, group, network, type, devices, queues, addresses"

static const Case cases[] = {
    {"valid/empty", "", NULL},
    {"valid/no-newline", "allow user=root", NULL},
    {"valid/crlf", "network lan parent=eth0\r\n\r\nallow user=root\r\n", NULL},
    {"valid/tabs-and-comments", "# one\n\t network\tlan  parent=eth0 # two\n#", NULL},
    {"valid/utf-8", "# f\303\274r\nallow user=root # \342\202\254", NULL},
    {"valid/quoted", "allow user=root,\"DOM\\\\joe doe\" group=\"kvm\"", NULL},
    {"valid/rule-before-network", "allow network=lan\n" LAN, NULL},
    {"valid/include", "include policy.d/*.conf\ninclude \"a b\"", NULL},
    {"valid/cross-types",
     "network a parent=e0\nnetwork b parent=e1 types=macvtap\n"
     "allow network=a,b type=ipvtap,macvtap\n",
     NULL},
    {"valid/longest-parent", "network lan parent=abcdefghijklmno", NULL},
    {"valid/deny-of-no-network-type", LAN "deny type=macvtap", NULL},

    {"bytes/control", "# \033[31m",
     "policy:1:3: the control character 0x1b; only tabs and newlines "
     "may stand here"},
    {"bytes/c1", "allow\n \302\205",
     "policy:2:2: the control character 0x85; only tabs and "
     "newlines may stand here"},
    {"bytes/lone-cr", "allow\rdeny",
     "policy:1:6: the control character 0x0d; only tabs and newlines "
     "may stand here"},
    {"bytes/not-utf-8", "allow user=\377", "policy:1:12: the byte 0xff is not UTF-8"},
    {"bytes/cut-utf-8", "allow user=a\303", "policy:1:13: the byte 0xc3 is not UTF-8"},
    {"bytes/bom", "\357\273\277allow",
     "policy:1:1: a byte order mark; save the file as UTF-8 "
     "without one"},

    {"lexer/open-quote", "allow user=\"root\n",
     "policy:1:12: the quote that opens here is not closed on its line"},
    {"lexer/escape", "allow user=\"ro\\t\"",
     "policy:1:15: only \\\" and \\\\ may follow a backslash"},
    {"lexer/escape-at-end", "allow user=\"ro\\",
     "policy:1:15: only \\\" and \\\\ may follow a backslash"},
    {"lexer/after-quote", "allow user=\"a\"b",
     "policy:1:15: a space or a comma must follow the closing quote"},
    {"lexer/quote-inside", "allow user=a\"b\"",
     "policy:1:13: a quote inside a word; quote all of it"},
    {"lexer/hash-inside", "allow user=a#b",
     "policy:1:13: a '#' inside a word; put a space before a comment, or quote the word"},
    {"lexer/backslash", "allow user=DOM\\joe",
     "policy:1:15: a backslash must be written as \\\\ inside double quotes"},

    {"statement/unknown", "\n  netwrk lan",
     "policy:2:3: no statement 'netwrk'; did you mean 'network'? valid are: network, allow, deny, "
     "include"},
    {"statement/far", "permit all",
     "policy:1:1: no statement 'permit'; valid are: network, allow, deny, include"},
    {"statement/equals", "=x", "policy:1:1: a statement was expected here"},
    {"statement/quoted", "\"deny\"", "policy:1:1: a statement was expected here"},
    {"include/nothing", "include",
     "policy:1:8: 'include' needs a file or pattern, as in 'include policy.d/*.conf'"},
    {"include/two", "include a b",
     "policy:1:11: 'include' takes one file or pattern, and nothing "
     "else"},
    {"include/list", "include a,b", "policy:1:10: '=' and ',' in a file's name must be quoted"},
    {"include/quoted", "include \"a,b=c\" # d", NULL},

    {"key/unknown", "network lan parnt=x",
     "policy:1:13: 'network' has no key 'parnt'; did you mean 'parent'? " KEYS_NETWORK},
    {"key/unknown-allow", "allow uid=0", "policy:1:7: 'allow' has no key 'uid'; " KEYS_ALLOW},
    {"key/limit-on-deny", "deny devices=3",
     "policy:1:6: 'deny' has no key 'devices'; valid are: user, group, network, type"},
    {"key/twice", "allow user=root user=guest",
     "policy:1:17: 'user' a second time in one statement; write a list, as in 'a,b'"},
    {"key/flag-twice", "network a default parent=b default",
     "policy:1:28: 'default' a second time in one statement"},
    {"key/no-value", "allow user", "policy:1:7: 'user' needs a value: 'user=VALUE'"},
    {"key/flag-value", "network a parent=b default=on", "policy:1:27: 'default' takes no value"},
    {"key/expected", "allow =x", "policy:1:7: a key was expected here, as in 'user=root'"},
    {"key/quoted", "allow \"user\"=a", "policy:1:7: a key was expected here, as in 'user=root'"},
    {"key/space-before", "allow user =root", "policy:1:12: no space may stand before '='"},
    {"key/space-after", "allow user= root", "policy:1:13: 'user=' has an empty value here"},

    {"list/empty", "allow user=", "policy:1:12: 'user=' has an empty value here"},
    {"list/empty-quoted", "allow user=\"\"", "policy:1:12: 'user=' has an empty value here"},
    {"list/empty-end", "allow user=root,\n", "policy:1:17: 'user=' has an empty list entry here"},
    {"list/empty-middle", "allow user=root,,guest",
     "policy:1:17: 'user=' has an empty list entry here"},
    {"list/space-before", "allow user=root ,guest",
     "policy:1:17: no space may stand before a comma"},
    {"list/space-after", "allow user=root, guest", "policy:1:18: no space may stand after a comma"},
    {"list/twice", "allow user=root,guest,root", "policy:1:23: 'user=' lists 'root' twice"},
    {"list/not-a-list", "network a parent=b,c",
     "policy:1:19: 'parent=' takes one value, not a list"},
    {"list/equals", "allow user=a=b", "policy:1:13: an '=' in a value must be quoted"},

    {"network/no-name", "network",
     "policy:1:8: 'network' needs a name, as in 'network lan "
     "parent=eth0'"},
    {"network/key-for-name", "network parent=eth0",
     "policy:1:9: 'network' needs a name, as in 'network lan parent=eth0'"},
    {"network/bad-name", "network -lan parent=eth0",
     "policy:1:9: '-lan' cannot name a network; a name is a letter or digit, then at most 62 "
     "letters, digits, '.', '_' or '-'"},
    {"network/no-parent", "network lan default",
     "policy:1:1: network 'lan' has no 'parent='; name the interface to the LAN"},
    {"network/long-parent", "network lan parent=abcdefghijklmnop",
     "policy:1:20: 'abcdefghijklmnop' is no interface: a name has at most 15 bytes"},
    {"network/parent-slash", "network lan parent=a/b",
     "policy:1:20: 'a/b' is no interface: a name has no space, '/' or ':'"},
    {"network/parent-dots", "network lan parent=..",
     "policy:1:20: '..' is no interface: a name has no space, '/' or ':'"},
    {"network/parent-space", "network lan parent=\"a b\"",
     "policy:1:20: 'a b' is no interface: a name has no space, '/' or ':'"},
    {"network/loopback", "network lan parent=lo",
     "policy:1:20: the loopback 'lo' cannot be a parent; name the interface to the LAN"},
    {"network/mode", "network lan parent=e mode=vepa",
     "policy:1:27: 'mode=' takes bridge or private, not 'vepa'"},
    {"network/mac", "network lan parent=e mac=own",
     "policy:1:26: 'mac=' takes translate or parent, not 'own'"},
    {"network/switch", "network lan parent=e host=yes",
     "policy:1:27: 'host=' takes off or on, not 'yes'"},
    {"network/type", "network lan parent=e types=ipvtap,mcvtap",
     "policy:1:35: no type 'mcvtap'; did you mean 'macvtap'? valid are: ipvtap, macvtap, ipvlan, "
     "macvlan"},
    {"network/families", "network lan parent=e types=ipvtap,macvtap",
     "policy:1:22: ipvtap and ipvlan cannot share a parent with macvtap and macvlan; make it two "
     "networks with a parent each"},
    {"network/guard-without-translate", "network lan parent=e mac=parent guard=on",
     "policy:1:33: 'guard=on' needs 'mac=translate': the guard is part of the program that "
     "translates"},
    {"network/guard-of-macvtap", "network lan parent=e types=macvtap guard=on",
     "policy:1:36: 'guard=on' needs ipvtap among the types: only there is a program that guards"},
    {"network/translate-macvtap", "network lan parent=e types=macvtap mac=translate",
     "policy:1:36: 'mac=translate' needs ipvtap among the types; macvtap has no use for it"},
    {"network/only-of-macvtap", "network lan parent=e types=macvtap only=10.0.0.0/8",
     "policy:1:36: 'only=' needs ipvtap among the types; no addresses are learned for macvtap"},
    {"network/static-of-ipvlan", "network lan parent=e types=ipvlan static=on",
     "policy:1:35: 'static=' needs ipvtap among the types; no addresses are learned for ipvlan"},
    {"network/devices", "network lan parent=e devices=65535",
     "policy:1:30: 'devices=' takes a number from 1 to 65534, not '65535'"},

    {"prefix/word", "network lan parent=e only=home",
     "policy:1:27: 'home' is no address or prefix, as 10.0.0.0/8 or fd00::/8 are"},
    {"prefix/short", "network lan parent=e only=10/8",
     "policy:1:27: '10/8' is no address or prefix, as 10.0.0.0/8 or fd00::/8 are"},
    {"prefix/host-bits", "network lan parent=e only=fd00::/8,10.1.2.3/8",
     "policy:1:36: '10.1.2.3/8' has bits behind its prefix; write 10.0.0.0/8"},
    {"prefix/host-bits-6", "network lan parent=e except=2001:db8::1/65",
     "policy:1:29: '2001:db8::1/65' has bits behind its prefix; write 2001:db8::/65"},
    {"prefix/length", "network lan parent=e only=10.0.0.0/33",
     "policy:1:27: the length of '10.0.0.0/33' must be from 0 to 32 bits"},
    {"prefix/length-6", "network lan parent=e only=fd00::/129",
     "policy:1:27: the length of 'fd00::/129' must be from 0 to 128 bits"},
    {"prefix/no-length", "network lan parent=e only=fd00::/",
     "policy:1:27: the length of 'fd00::/' must be from 0 to 128 bits"},
    {"prefix/leading-zero", "network lan parent=e only=10.0.0.0/08",
     "policy:1:27: the length of '10.0.0.0/08' must be from 0 to 32 bits"},
    {"prefix/mapped", "network lan parent=e only=::ffff:10.0.0.0/104",
     "policy:1:27: '::ffff:10.0.0.0/104' stands for IPv4 addresses; write them as such"},

    {"limit/zero", "allow devices=0",
     "policy:1:15: 'devices=' takes a number from 1 to 65534, not "
     "'0'"},
    {"limit/sign", "allow devices=+1",
     "policy:1:15: 'devices=' takes a number from 1 to 65534, not "
     "'+1'"},
    {"limit/octal", "allow devices=010",
     "policy:1:15: 'devices=' takes a number from 1 to 65534, "
     "not '010'"},
    {"limit/overflow", "allow queues=18446744073709551617",
     "policy:1:14: 'queues=' takes a number from 1 to 64, not '18446744073709551617'"},
    {"limit/queues", "allow queues=65",
     "policy:1:14: 'queues=' takes a number from 1 to 64, not "
     "'65'"},
    {"limit/addresses", "allow addresses=1025",
     "policy:1:17: 'addresses=' takes a number from 1 to 1024, not '1025'"},

    {"names/deny-user", "deny user=root,nosuch",
     "policy:1:16: no user 'nosuch'; a deny must name whom it denies, or it denies nobody"},
    {"names/deny-group", "deny group=nosuch",
     "policy:1:12: no group 'nosuch'; a deny must name whom it denies, or it denies nobody"},
    {"names/uid", "allow user=4294967295",
     "policy:1:12: '4294967295' is no id; ids go from 0 to 4294967294"},
    {"names/leading-zero", "allow user=010",
     "policy:1:12: '010' is no id; ids go from 0 to 4294967294"},
    {"names/gid", "allow group=99999999999999999999",
     "policy:1:13: '99999999999999999999' is no id; ids go from 0 to 4294967294"},

    {"network/host-taps", "network lan parent=e types=macvtap host=on",
     "policy:1:36: 'host=on' needs ipvtap among the types; a host cannot reach the macvtap devices "
     "on its interface"},
    {"network/host-private", "network lan parent=e mode=private host=on",
     "policy:1:35: 'host=on' needs 'mode=bridge'; in private mode the kernel keeps the host from "
     "its guests too"},
    {"cross/same-name", LAN "network lan parent=eth1",
     "policy:2:1: network 'lan' a second time; it stands at policy:1"},
    {"cross/two-defaults",
     "network a parent=e0 default\nnetwork b parent=e1\n"
     " network c parent=e2 default",
     "policy:3:2: a second default network; 'a' at policy:1 is the default"},
    {"cross/mode", LAN "network b parent=eth0 mode=private",
     "policy:2:1: the parent 'eth0' has mode=bridge for network 'lan' at policy:1, and cannot have "
     "mode=private besides"},
    {"cross/host", LAN "network b parent=eth0 host=on",
     "policy:2:1: the parent 'eth0' has host=off for network 'lan' at policy:1, and cannot have "
     "host=on besides"},
    {"cross/family", LAN "network b parent=eth0 types=macvtap",
     "policy:2:1: the parent 'eth0' has ipvtap and ipvlan for network 'lan' at policy:1, and "
     "cannot "
     "have macvtap and macvlan besides"},
    {"cross/unknown-network", LAN "deny network=lab",
     "policy:2:14: no network 'lab'; did you mean 'lan'? the policy has: lan"},
    {"cross/unknown-far", LAN "deny network=office",
     "policy:2:14: no network 'office'; the policy has: lan"},
    {"cross/no-network", "allow network=lan", "policy:1:15: no network 'lan'; the policy has none"},
    {"cross/type", LAN "allow network=lan type=ipvtap,macvtap",
     "policy:2:31: network 'lan' at policy:1 has no macvtap"},
    {"cross/type-of-two", LAN "network b parent=eth1\nallow network=lan,b type=macvlan",
     "policy:3:26: none of these networks has macvlan"},
};

static void check_case(gconstpointer data)
{
    const Case *test = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(Policy) policy =
        text_policy(test->text, strlen(test->text), NULL, POLICY_LOAD_DEFAULT, NULL, &error);

    g_assert_cmpstr(error ? error->message : NULL, ==, test->message);
    g_assert_true((policy != NULL) == (test->message == NULL));
    if (error)
        g_assert_error(error, POLICY_ERROR, POLICY_ERROR_SYNTAX);
}

static void check_nul(void)
{
    static const char text[] = "allow user=root\0\nallow";
    g_autoptr(GError) error = NULL;

    g_assert_null(text_policy(text, sizeof text - 1, NULL, POLICY_LOAD_DEFAULT, NULL, &error));
    g_assert_cmpstr(error->message, ==, "policy:1:16: a NUL byte; a policy is plain text");
}

static void check_long_list(void)
{
    g_autoptr(GString) text = g_string_new("allow user=0");
    g_autoptr(Policy) policy = NULL;
    g_autoptr(GError) error = NULL;

    for (guint uid = 1; uid < POLICY_LIST_MAX; uid++)
        g_string_append_printf(text, ",%u", uid);
    policy = text_policy(text->str, text->len, NULL, POLICY_LOAD_DEFAULT, NULL, &error);
    g_assert_no_error(error);
    g_string_append(text, ",5000");
    g_assert_null(text_policy(text->str, text->len, NULL, POLICY_LOAD_DEFAULT, NULL, &error));
    g_assert_nonnull(strstr(error->message, ": 'user=' has more than 1024 entries"));
}

static const struct {
    const char *name;
    const char *text;
    const char *subuid;
    PolicyLoadFlags flags;
    const char *warning; /* the only one; NULL: none */
    const char *message; /* of the error, if any */
} odd[] = {
    {"none", LAN "allow user=root", NULL, 0, NULL, NULL},
    {"unknown-user", LAN "allow user=nosuch,root", NULL, 0,
     "policy:2:12: no user 'nosuch'; the name matches nobody", NULL},
    {"unknown-group", LAN "allow group=nosuch", NULL, 0,
     "policy:2:13: no group 'nosuch'; the name matches nobody", NULL},
    {"strict-user", LAN "allow user=nosuch", NULL, POLICY_LOAD_STRICT, NULL,
     "policy:2:12: no user 'nosuch'"},
    {"strict-group", LAN "allow group=kvm,nosuch", NULL, POLICY_LOAD_STRICT, NULL,
     "policy:2:17: no group 'nosuch'"},
    {"no-network", "allow user=root", NULL, 0,
     "policy:1:1: the policy has no network, so that nobody may have a device", NULL},
    {"no-allow", LAN "deny user=root", NULL, 0,
     "policy:1:1: the policy has no allow, so that nobody may have a device", NULL},
    {"never-reached", LAN "allow queues=1\ndeny user=guest\ndeny user=root", NULL, 0,
     "policy:3:1: never reached: the rule at policy:2 matches everybody", NULL},
    {"subordinate", LAN "allow user=member", "stranger:1000:1\n", 0,
     "policy:2:1: uid 1000 lies in a /etc/subuid range of uid 1001 and counts as that user", NULL},
    {"subuid-form", LAN "allow user=member", "# c\n\nmember:100000\n", 0,
     "subuid:3:1: the line is not OWNER:START:COUNT; it is left out", NULL},
    {"subuid-number", LAN "allow user=member", "member:100000:x", 0,
     "subuid:1:1: the line has no valid range of uids; it is left out", NULL},
    {"subuid-overflow", LAN "allow user=member", "member:4294967000:65536", 0,
     "subuid:1:1: the line has no valid range of uids; it is left out", NULL},
    {"subuid-owner", LAN "allow user=member", "nosuch:100000:65536", 0,
     "subuid:1:1: the line belongs to an unknown user; it is left out", NULL},
};

static void check_odd(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(Policy) policy = text_policy(odd[i].text, strlen(odd[i].text), odd[i].subuid,
                                           odd[i].flags, warnings, &error);

    g_assert_cmpstr(error ? error->message : NULL, ==, odd[i].message);
    g_assert_cmpstr(warnings->len ? g_ptr_array_index(warnings, 0) : NULL, ==, odd[i].warning);
    g_assert_cmpuint(warnings->len, <=, 1);
    g_assert_true((policy != NULL) == (odd[i].message == NULL));
}

static Policy *parse_valid(const char *text)
{
    g_autoptr(GError) error = NULL;
    Policy *policy = text_policy(text, strlen(text), NULL, POLICY_LOAD_STRICT, NULL, &error);

    g_assert_no_error(error);
    return policy;
}

static void check_defaults(void)
{
    static const struct {
        const char *text;
        guint types;
        DeviceType type;
        PolicyMode mode;
        PolicyMac mac;
        gboolean guard, learn_static, host;
        guint devices;
    } wanted[] = {
        {"network a parent=e", DEVICE_IPVTAP, DEVICE_IPVTAP, POLICY_MODE_BRIDGE,
         POLICY_MAC_TRANSLATE, TRUE, TRUE, FALSE, G_MAXUINT},
        {"network a parent=e guard=off", DEVICE_IPVTAP, DEVICE_IPVTAP, POLICY_MODE_BRIDGE,
         POLICY_MAC_TRANSLATE, FALSE, TRUE, FALSE, G_MAXUINT},
        {"network a parent=e mac=parent static=off host=on devices=9", DEVICE_IPVTAP, DEVICE_IPVTAP,
         POLICY_MODE_BRIDGE, POLICY_MAC_PARENT, FALSE, FALSE, TRUE, 9},
        {"network a parent=e types=ipvlan,ipvtap mode=private", DEVICE_IPVTAP | DEVICE_IPVLAN,
         DEVICE_IPVLAN, POLICY_MODE_PRIVATE, POLICY_MAC_TRANSLATE, TRUE, TRUE, FALSE, G_MAXUINT},
        {"network a parent=e types=macvtap,macvlan", DEVICE_MACVTAP | DEVICE_MACVLAN,
         DEVICE_MACVTAP, POLICY_MODE_BRIDGE, POLICY_MAC_PARENT, FALSE, TRUE, FALSE, G_MAXUINT},
        {"network a parent=e types=ipvlan guard=off mac=parent", DEVICE_IPVLAN, DEVICE_IPVLAN,
         POLICY_MODE_BRIDGE, POLICY_MAC_PARENT, FALSE, TRUE, FALSE, G_MAXUINT},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_autoptr(Policy) policy = parse_valid(wanted[i].text);
        const PolicyNetwork *network = policy_network(policy, 0);

        g_test_message("%s", wanted[i].text);
        g_assert_cmpuint(policy_n_networks(policy), ==, 1);
        g_assert_cmpstr(network->name, ==, "a");
        g_assert_cmpstr(network->parent, ==, "e");
        g_assert_false(network->is_default);
        g_assert_cmpuint(network->types, ==, wanted[i].types);
        g_assert_cmpint(network->type, ==, wanted[i].type);
        g_assert_cmpint(network->mode, ==, wanted[i].mode);
        g_assert_cmpint(network->mac, ==, wanted[i].mac);
        g_assert_cmpint(network->guard, ==, wanted[i].guard);
        g_assert_cmpint(network->learn_static, ==, wanted[i].learn_static);
        g_assert_cmpint(network->host, ==, wanted[i].host);
        g_assert_cmpuint(network->devices, ==, wanted[i].devices);
        g_assert_cmpuint(network->only->len + network->except->len, ==, 0);
    }
}

static void check_prefixes(void)
{
    g_autoptr(Policy) policy =
        parse_valid("network a parent=e only=10.0.0.0/8,192.168.1.7,0.0.0.0/0 except=fc00::/7,::1");
    const PolicyNetwork *network = policy_network(policy, 0);
    const PolicyPrefix *only = (const PolicyPrefix *)(void *)network->only->data;
    const PolicyPrefix *except = (const PolicyPrefix *)(void *)network->except->data;

    g_assert_cmpuint(network->only->len, ==, 3);
    g_assert_cmpint(only[0].family, ==, AF_INET);
    g_assert_cmpuint(only[0].length, ==, 8);
    g_assert_cmpmem(only[0].address, 4, "\x0a\0\0\0", 4);
    g_assert_cmpuint(only[1].length, ==, 32);
    g_assert_cmpmem(only[1].address, 4, "\xc0\xa8\x01\x07", 4);
    g_assert_cmpuint(only[2].length, ==, 0);
    g_assert_cmpuint(network->except->len, ==, 2);
    g_assert_cmpint(except[0].family, ==, AF_INET6);
    g_assert_cmpuint(except[0].length, ==, 7);
    g_assert_cmpuint(except[0].address[0], ==, 0xfc);
    g_assert_cmpuint(except[1].length, ==, 128);
    g_assert_cmpuint(except[1].address[15], ==, 1);
}

static void check_lookup(void)
{
    g_autoptr(Policy) plain = parse_valid("network a parent=e0\nnetwork b parent=e1 default");
    g_autoptr(Policy) bridge = parse_valid("network br0 parent=e0\nnetwork b parent=e1 default");
    g_autoptr(Policy) none = parse_valid("network a parent=e0");
    const PolicyNetwork *second = policy_network(plain, 1);

    g_assert_true(policy_network_by_name(plain, "b") == second);
    g_assert_null(policy_network_by_name(plain, ""));
    g_assert_null(policy_network_by_name(plain, "br0"));
    g_assert_true(policy_network_for_request(plain, "") == second);
    g_assert_true(policy_network_for_request(plain, "br0") == second);
    g_assert_true(policy_network_for_request(plain, "a") == policy_network(plain, 0));
    g_assert_null(policy_network_for_request(plain, "br1"));
    g_assert_true(policy_network_for_request(bridge, "br0") == policy_network(bridge, 0));
    g_assert_true(policy_network_for_request(bridge, "") == policy_network(bridge, 1));
    g_assert_null(policy_network_for_request(none, ""));
    g_assert_null(policy_network_for_request(none, "br0"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/policy/text/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], check_case);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_autofree char *path = g_strconcat("/policy/odd/", odd[i].name, NULL);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), check_odd);
    }
    g_test_add_func("/policy/text/bytes/nul", check_nul);
    g_test_add_func("/policy/text/list/long", check_long_list);
    g_test_add_func("/policy/network/defaults", check_defaults);
    g_test_add_func("/policy/network/prefixes", check_prefixes);
    g_test_add_func("/policy/network/lookup", check_lookup);
    return g_test_run();
}
