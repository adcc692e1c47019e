/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Requests, replies and the words they are made of.
 */
#include "wire/reply.h"
#include "wire/request.h"

#include <glib.h>
#include <limits.h>
#include <string.h>

#define NAME_63 "a23456789012345678901234567890123456789012345678901234567890123"

static void test_types(void)
{
    static const struct {
        DeviceType type;
        const char *text;
    } cases[] = {
        {DEVICE_IPVTAP, "ipvtap"},
        {DEVICE_MACVTAP, "macvtap"},
        {DEVICE_IPVLAN, "ipvlan"},
        {DEVICE_MACVLAN, "macvlan"},
    };
    DeviceType type = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpstr(device_type_text(cases[i].type), ==, cases[i].text);
        g_assert_true(device_type_parse(cases[i].text, &type));
        g_assert_cmpint(type, ==, cases[i].type);
    }
    g_assert_null(device_type_text(0));
    g_assert_null(device_type_text(DEVICE_TYPES_ALL));
    g_assert_false(device_type_parse("", &type));
    g_assert_false(device_type_parse("IPVTAP", &type));
    g_assert_false(device_type_parse("tap", &type));
}

static void test_names(void)
{
    static const char *const good[] = {"a", "A", "0", "br0", "vm1.example_org-2", "a.", NAME_63};
    static const char *const bad[] = {"",    ".",    "..",   "-a",  "_a",       "a/b",
                                      "a b", "a\nb", "a\"b", "a:b", "\xc3\xbc", NAME_63 "x"};

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_true(device_name_valid(good[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("case %zu", i);
        g_assert_false(device_name_valid(bad[i]));
    }
}

static void test_hwaddr(void)
{
    static const uint8_t expected[HWADDR_SIZE] = {0x02, 0xab, 0xcd, 0xef, 0x00, 0x9f};
    static const char *const bad[] = {
        "",
        "02:ab:cd:ef:00",
        "02:ab:cd:ef:00:9",
        "02:ab:cd:ef:00:9f:",
        "02-ab-cd-ef-00-9f",
        "02:ab:cd:ef:00:9g",
        "02:ab:cd:ef:00: f",
        "2:ab:cd:ef:00:9f0",
        "0x:ab:cd:ef:00:9f",
    };
    uint8_t hwaddr[HWADDR_SIZE] = {0};
    char text[HWADDR_TEXT_SIZE];

    g_assert_true(hwaddr_parse("02:ab:cd:ef:00:9f", hwaddr));
    g_assert_cmpmem(hwaddr, sizeof(hwaddr), expected, sizeof(expected));
    g_assert_true(hwaddr_parse("02:AB:CD:EF:00:9F", hwaddr));
    g_assert_cmpmem(hwaddr, sizeof(hwaddr), expected, sizeof(expected));
    hwaddr_format(hwaddr, text);
    g_assert_cmpstr(text, ==, "02:ab:cd:ef:00:9f");
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("case %zu", i);
        g_assert_false(hwaddr_parse(bad[i], hwaddr));
        g_assert_cmpmem(hwaddr, sizeof(hwaddr), expected, sizeof(expected));
    }
}

/* Both ways; `written` is NULL when it is what was read, with its newline. */
static void test_request(void)
{
    static const struct {
        const char *text;
        Request request;
        const char *written;
    } cases[] = {
        {"", {.kind = REQUEST_DEVICE, .queues = 1}, NULL},
        {"type=macvtap", {.kind = REQUEST_DEVICE, .type = DEVICE_MACVTAP, .queues = 1}, NULL},
        {"queues=2 name=vm1 network=lan type=ipvtap",
         {.kind = REQUEST_DEVICE,
          .type = DEVICE_IPVTAP,
          .queues = 2,
          .network = "lan",
          .name = "vm1"},
         "type=ipvtap network=lan name=vm1 queues=2\n"},
        {"network=\"lan\" queues=1",
         {.kind = REQUEST_DEVICE, .queues = 1, .network = "lan"},
         "network=lan\n"},
        {"queues-least=2 queues=4",
         {.kind = REQUEST_DEVICE, .queues = 4, .queues_least = 2},
         "queues=4 queues-least=2\n"},
        {"name=" NAME_63 " queues=64",
         {.kind = REQUEST_DEVICE, .queues = 64, .name = NAME_63},
         NULL},
        {"list", {.kind = REQUEST_LIST, .queues = 1}, NULL},
        {"watch", {.kind = REQUEST_WATCH, .queues = 1}, NULL},
        {"policy size=1048576", {.kind = REQUEST_POLICY, .queues = 1, .size = 1048576}, NULL},
        {"status", {.kind = REQUEST_STATUS, .queues = 1}, NULL},
        {"create ifname=web", {.kind = REQUEST_CREATE, .queues = 1, .ifname = "web"}, NULL},
        {"create network=lan ifname=fifteen-letters queues=64",
         {.kind = REQUEST_CREATE, .queues = 64, .network = "lan", .ifname = "fifteen-letters"},
         NULL},
        {"revoke", {.kind = REQUEST_REVOKE, .queues = 1}, NULL},
        {"revoke network=lan name=vm1 owner=0",
         {.kind = REQUEST_REVOKE, .queues = 1, .network = "lan", .name = "vm1", .has_owner = true},
         NULL},
        {"release name=vm1 owner=4294967294",
         {.kind = REQUEST_RELEASE,
          .queues = 1,
          .name = "vm1",
          .has_owner = true,
          .owner = 4294967294},
         NULL},
        {"ping", {.kind = REQUEST_PING, .queues = 1}, NULL},
        {"release name=vm1", {.kind = REQUEST_RELEASE, .queues = 1, .name = "vm1"}, NULL},
        {"release network=lan name=vm1",
         {.kind = REQUEST_RELEASE, .queues = 1, .network = "lan", .name = "vm1"},
         NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *plain = g_strconcat(cases[i].text, "\n", NULL);
        const char *written = cases[i].written ? cases[i].written : plain;
        char error[REQUEST_ERROR_SIZE] = "";
        char buffer[REQUEST_SIZE_MAX];
        Request request;

        g_test_message("case %zu", i);
        memset(&request, 0xff, sizeof(request));
        g_assert_true(request_parse(&request, cases[i].text, strlen(cases[i].text), error));
        g_assert_cmpint(request.kind, ==, cases[i].request.kind);
        g_assert_cmpint(request.type, ==, cases[i].request.type);
        g_assert_cmpuint(request.queues, ==, cases[i].request.queues);
        g_assert_cmpuint(request.queues_least, ==, cases[i].request.queues_least);
        g_assert_cmpstr(request.network, ==, cases[i].request.network);
        g_assert_cmpstr(request.name, ==, cases[i].request.name);
        g_assert_cmpuint(request_format(&request, buffer, sizeof(buffer)), ==, strlen(written));
        g_assert_cmpstr(buffer, ==, written);
        g_assert_cmpuint(request_format(&request, buffer, strlen(written)), ==, 0);
    }
}

static void test_request_errors(void)
{
#define TEXT(text) text, sizeof(text) - 1
    static const struct {
        const char *text;
        size_t size;
        const char *error; /* how it begins */
    } cases[] = {
        {TEXT("hello"), "column 1: unknown request \"hello\" (known are list, watch, "},
        {TEXT("  hello"), "column 3: unknown request \"hello\""},
        {TEXT("type=ipvtap mac=02:00:00:00:00:01"),
         "column 13: unknown key \"mac\" (a device request takes type, network, name, "
         "queues and queues-least)"},
        {TEXT("ping name=a"), "column 6: unknown key \"name\" (ping takes none)"},
        {TEXT("list network=a"), "column 6: unknown key \"network\" (list takes none)"},
        {TEXT("release type=ipvtap"),
         "column 9: unknown key \"type\" (release takes name, network and owner)"},
        {TEXT("create"), "column 7: create needs ifname="},
        {TEXT("create name=web"),
         "column 8: unknown key \"name\" (create takes ifname, network and queues)"},
        {TEXT("create ifname=sixteen-letters-"), "column 8: ifname= is a letter or digit, then at"},
        {TEXT("create ifname=a/b"), "column 8: ifname= is a letter or digit, then at most 14"},
        {TEXT("create ifname=..."), "column 8: ifname= is a letter or digit"},
        {TEXT("release"), "column 8: release needs name="},
        {TEXT("release network=lan"), "column 20: release needs name="},
        {TEXT("release name=a owner=4294967295"), "column 16: owner= is 0 to 4294967294"},
        {TEXT("revoke owner=root"), "column 8: owner= is 0 to 4294967294, not \"root\""},
        {TEXT("policy"), "column 7: policy needs size="},
        {TEXT("policy size=0"), "column 8: size= is 1 to 1048576"},
        {TEXT("policy size=1048577"), "column 8: size= is 1 to 1048576"},
        {TEXT("list size=1"), "column 6: unknown key \"size\" (list takes none)"},
        {TEXT("type=tap"), "column 1: type= is ipvtap, macvtap, ipvlan or macvlan, not \"tap\""},
        {TEXT("name=a queues=0"), "column 8: queues= is 1 to 64, not \"0\""},
        {TEXT("queues=2 queues-least=3"), "column 24: queues-least=3 is more than queues=2"},
        {TEXT("queues-least=2"), "column 15: queues-least=2 is more than queues=1"},
        {TEXT("queues-least=0 queues=2"), "column 1: queues-least= is 1 to 64, not \"0\""},
        {TEXT("queues=65"), "column 1: queues= is 1 to 64, not \"65\""},
        {TEXT("queues=18446744073709551617"), "column 1: queues= is 1 to 64, not"},
        {TEXT("queues=-1"), "column 1: queues= is 1 to 64, not \"-1\""},
        {TEXT("network=\"\""), "column 1: network= is a letter or digit, then at most 62 letters"},
        {TEXT("name=../x"), "column 1: name= is a letter or digit, then at most 62 letters"},
        {TEXT("name=" NAME_63 "x"), "column 1: name= is a letter or digit"},
        {TEXT("name=a name=b"), "column 8: this key was given before"},
        {TEXT("name=\"a"), "column 6: this quote is never closed"},
        {TEXT("name=a\0b"), "column 7: this byte may not stand here"},
        {TEXT("name=a\r"), "column 7: this byte may not stand here"},
        {TEXT("GET / HTTP/1.1"), "column 1: a key is a lower-case letter"},
    };
#undef TEXT

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char error[REQUEST_ERROR_SIZE] = "";
        Request request;

        g_test_message("case %zu", i);
        g_assert_false(request_parse(&request, cases[i].text, cases[i].size, error));
        g_assert_true(g_str_has_prefix(error, cases[i].error));
    }
}

/* What a stranger wrote comes back in one bounded line without control characters. */
static void test_request_echo(void)
{
    char text[REQUEST_SIZE_MAX];
    char error[REQUEST_ERROR_SIZE];
    Request request;

    memset(text, 'x', sizeof(text));
    memcpy(text, "name=\"\\n\\t", 10);
    text[1022] = '"';
    g_assert_false(request_parse(&request, text, 1023, error));
    g_assert_true(g_str_has_prefix(error, "column 1: name= is"));
    g_assert_true(g_str_has_suffix(error, "xxx\""));
    for (const char *c = error; *c; c++)
        g_assert_true(g_ascii_isprint(*c));

    g_assert_false(request_parse(&request, text, 1024, error));
    g_assert_cmpstr(error, ==,
                    "column 1024: a request has at most 1024 bytes, its newline included");
}

static void test_request_unwritable(void)
{
    static const Request cases[] = {
        {.kind = REQUEST_DEVICE, .queues = 0},
        {.kind = REQUEST_DEVICE, .queues = 65},
        {.kind = REQUEST_DEVICE, .queues = 2, .queues_least = 3},
        {.kind = REQUEST_DEVICE, .queues = 1, .type = DEVICE_IPVTAP | DEVICE_MACVTAP},
        {.kind = REQUEST_DEVICE, .queues = 1, .name = "a b"},
        {.kind = REQUEST_DEVICE, .queues = 1, .network = "../x"},
        {.kind = REQUEST_RELEASE, .queues = 1},
        {.kind = REQUEST_PING, .queues = 1, .name = "a"},
        {.kind = (RequestKind)77, .queues = 1},
    };
    char buffer[REQUEST_SIZE_MAX];

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpuint(request_format(&cases[i], buffer, sizeof(buffer)), ==, 0);
}

#define OK_LINE                                                                                    \
    "ok ifname=ontap1000003 ifindex=1000003 hwaddr=02:00:00:00:00:07 mtu=1500 queues=2 "           \
    "network=lan name=vm1"

static void test_reply_ok(void)
{
    static const uint8_t hwaddr[HWADDR_SIZE] = {2, 0, 0, 0, 0, 7};
    static const char *const lines[] = {
        OK_LINE,
        OK_LINE " colour=\"sky blue\"",
        ("ok name=vm1 network=lan queues=2 mtu=1500 later=1 hwaddr=02:00:00:00:00:07 "
         "ifindex=1000003 ifname=ontap1000003"),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        char buffer[REPLY_SIZE_MAX + 1];
        Reply reply;

        g_assert_true(reply_parse(&reply, lines[i], strlen(lines[i])));
        g_assert_cmpint(reply.code, ==, REPLY_OK);
        g_assert_cmpstr(reply.ifname, ==, "ontap1000003");
        g_assert_cmpuint(reply.ifindex, ==, 1000003);
        g_assert_cmpmem(reply.hwaddr, HWADDR_SIZE, hwaddr, HWADDR_SIZE);
        g_assert_cmpuint(reply.mtu, ==, 1500);
        g_assert_cmpuint(reply.queues, ==, 2);
        g_assert_cmpstr(reply.network, ==, "lan");
        g_assert_cmpstr(reply.name, ==, "vm1");
        g_assert_cmpstr(reply.text, ==, "");

        g_assert_cmpuint(reply_format(&reply, buffer, sizeof(buffer)), ==, strlen(OK_LINE) + 1);
        g_assert_cmpstr(buffer, ==, OK_LINE "\n");
        g_assert_cmpuint(reply_format(&reply, buffer, strlen(OK_LINE) + 1), ==, 0);
    }
}

static void test_reply_stable(void)
{
    static const char line[] = OK_LINE " stable-hwaddr=02:00:00:00:00:09\n";
    static const uint8_t stable[HWADDR_SIZE] = {2, 0, 0, 0, 0, 9};
    char buffer[REPLY_SIZE_MAX + 1];
    Reply reply;

    g_assert_true(reply_parse(&reply, OK_LINE, strlen(OK_LINE)));
    g_assert_false(reply.has_stable);
    g_assert_true(reply_parse(&reply, line, strlen(line) - 1));
    g_assert_true(reply.has_stable);
    g_assert_cmpmem(reply.stable, HWADDR_SIZE, stable, HWADDR_SIZE);
    g_assert_cmpuint(reply_format(&reply, buffer, sizeof(buffer)), ==, strlen(line));
    g_assert_cmpstr(buffer, ==, line);
    g_assert_false(reply_parse(&reply, line, strlen(line) - 2));
}

/* An ipvlan or macvlan: no descriptors come, and nothing is said of queues. */
static void test_reply_placed(void)
{
    static const char line[] =
        "ok ifname=web ifindex=1000000003 hwaddr=02:00:00:00:00:07 mtu=1500 network=lan name=web"
        " taken=192.0.2.2,2001:db8::2";
    char buffer[REPLY_SIZE_MAX + 1];
    Reply reply;

    g_assert_true(reply_parse(&reply, line, strlen(line)));
    g_assert_cmpint(reply.code, ==, REPLY_OK);
    g_assert_cmpstr(reply.ifname, ==, "web");
    g_assert_cmpuint(reply.queues, ==, 0);
    g_assert_cmpstr(reply.taken, ==, "192.0.2.2,2001:db8::2");
    g_assert_cmpuint(reply_format(&reply, buffer, sizeof(buffer)), ==, strlen(line) + 1);
    buffer[strlen(line)] = '\0';
    g_assert_cmpstr(buffer, ==, line);
}

static void test_reply_error(void)
{
    static const struct {
        const char *line;
        ReplyCode code;
        const char *text;
    } cases[] = {
        {"error denied member may have 4 devices on lan, and has 4 (/etc/ontap/policy:4)",
         REPLY_DENIED, "member may have 4 devices on lan, and has 4 (/etc/ontap/policy:4)"},
        {"error malformed column 1: unknown key \"a\"", REPLY_MALFORMED,
         "column 1: unknown key \"a\""},
        {"error busy x", REPLY_BUSY, "x"},
        {"error unknown-network x", REPLY_UNKNOWN_NETWORK, "x"},
        {"error unsupported x", REPLY_UNSUPPORTED, "x"},
        {"error no-parent gr\xc3\xbc\xc3\x9f", REPLY_NO_PARENT, "gr\xc3\xbc\xc3\x9f"},
        {"error limit x", REPLY_LIMIT, "x"},
        {"error internal", REPLY_INTERNAL, ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *written = g_strconcat(cases[i].line, "\n", NULL);
        char buffer[REPLY_SIZE_MAX];
        Reply reply;

        g_test_message("case %zu", i);
        g_assert_true(reply_parse(&reply, cases[i].line, strlen(cases[i].line)));
        g_assert_cmpint(reply.code, ==, cases[i].code);
        g_assert_cmpstr(reply.text, ==, cases[i].text);
        g_assert_cmpuint(reply_format(&reply, buffer, sizeof(buffer)), ==, strlen(written));
        g_assert_cmpstr(buffer, ==, written);
    }
}

static void test_reply_bad(void)
{
#define TEXT(text) text, sizeof(text) - 1
    static const struct {
        const char *line;
        size_t size;
    } cases[] = {
        {TEXT("")},
        {TEXT("ok")},
        {TEXT("okay ifname=a")},
        {TEXT("ifname=a ifindex=1")},
        {TEXT("error")},
        {TEXT("error ")},
        {TEXT("error ok fine")},
        {TEXT("error nonsense text")},
        {TEXT("error unknown-networks text")},
        {TEXT("error  denied text")},
        {TEXT("error denied a\tb")},
        {TEXT("error denied a\0b")},
        {TEXT("error denied \x1b[2J")},
        {TEXT("ok ifname=a/b ifindex=1 hwaddr=02:00:00:00:00:07 mtu=1 queues=1 network=l name=v")},
        {TEXT("ok ifname=.. ifindex=1 hwaddr=02:00:00:00:00:07 mtu=1 queues=1 network=l name=v")},
        {TEXT("ok ifname=a234567890123456 ifindex=1 hwaddr=02:00:00:00:00:07 mtu=1 queues=1 "
              "network=l name=v")},
        {TEXT("ok ifname=a ifindex=0 hwaddr=02:00:00:00:00:07 mtu=1 queues=1 network=l name=v")},
        {TEXT("ok ifname=a ifindex=2147483648 hwaddr=02:00:00:00:00:07 mtu=1 queues=1 network=l "
              "name=v")},
        {TEXT("ok ifname=a ifindex=1 hwaddr=02:00:00:00:00 mtu=1 queues=1 network=l name=v")},
        {TEXT("ok ifname=a ifindex=1 hwaddr=02:00:00:00:00:07 mtu=x queues=1 network=l name=v")},
        {TEXT("ok ifname=a ifindex=1 hwaddr=02:00:00:00:00:07 mtu=1 queues=65 network=l name=v")},
        {TEXT("ok ifname=a ifindex=1 hwaddr=02:00:00:00:00:07 mtu=1 queues=0 network=l name=v")},
        {TEXT("ok ifname=a ifindex=1 hwaddr=02:00:00:00:00:07 mtu=1 queues=1 network=\"\" name=v")},
        {TEXT("ok ifname=a ifindex=1 hwaddr=02:00:00:00:00:07 mtu=1 queues=1 network=l name=\"a "
              "b\"")},
        {TEXT("ok ifname=a ifindex=1 hwaddr=02:00:00:00:00:07 mtu=1 queues=1 network=l")},
    };
#undef TEXT
    char buffer[REPLY_SIZE_MAX];
    Reply reply;

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %zu", i);
        g_assert_false(reply_parse(&reply, cases[i].line, cases[i].size));
    }

    /* Unfit for an `ok`: nothing is written. */
    g_assert_true(reply_parse(&reply, OK_LINE, strlen(OK_LINE)));
    strcpy(reply.ifname, "a b");
    g_assert_cmpuint(reply_format(&reply, buffer, sizeof(buffer)), ==, 0);
    strcpy(reply.ifname, "a");
    reply.queues = DEVICE_QUEUES_MAX + 1;
    g_assert_cmpuint(reply_format(&reply, buffer, sizeof(buffer)), ==, 0);
}

static void test_reply_size(void)
{
    char line[REPLY_SIZE_MAX];
    char buffer[REPLY_SIZE_MAX * 2];
    Reply reply;
    size_t size;

    /* The longest line is read, its text cut to what a Reply holds; one byte more is none. */
    memset(line, 'x', sizeof(line));
    memcpy(line, "error denied ", 13);
    g_assert_true(reply_parse(&reply, line, REPLY_SIZE_MAX - 1));
    g_assert_cmpuint(strlen(reply.text), >, REPLY_TEXT_SIZE - 4);
    g_assert_false(reply_parse(&reply, line, REPLY_SIZE_MAX));

    /* An error is cut to the buffer, never refused. */
    reply.code = REPLY_DENIED;
    memset(reply.text, 'x', REPLY_TEXT_SIZE - 1);
    size = reply_format(&reply, buffer, sizeof(buffer));
    g_assert_cmpuint(size, ==, strlen("error denied ") + REPLY_TEXT_SIZE - 1 + 1);
    g_assert_cmpuint(reply_format(&reply, buffer, 32), ==, 31);
    g_assert_cmpstr(buffer, ==, "error denied xxxxxxxxxxxxxxxxx\n");
    strcpy(reply.text, "two\nlines");
    g_assert_cmpuint(reply_format(&reply, buffer, 64), ==, 23);
    g_assert_cmpstr(buffer, ==, "error denied two lines\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wire/device/types", test_types);
    g_test_add_func("/wire/device/names", test_names);
    g_test_add_func("/wire/device/hwaddr", test_hwaddr);
    g_test_add_func("/wire/request/both-ways", test_request);
    g_test_add_func("/wire/request/errors", test_request_errors);
    g_test_add_func("/wire/request/echo", test_request_echo);
    g_test_add_func("/wire/request/unwritable", test_request_unwritable);
    g_test_add_func("/wire/reply/ok", test_reply_ok);
    g_test_add_func("/wire/reply/stable", test_reply_stable);
    g_test_add_func("/wire/reply/placed", test_reply_placed);
    g_test_add_func("/wire/reply/error", test_reply_error);
    g_test_add_func("/wire/reply/bad", test_reply_bad);
    g_test_add_func("/wire/reply/size", test_reply_size);
    return g_test_run();
}
