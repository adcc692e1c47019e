/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From the daemon's lines to what people and programs see.
 */
#include "ctl/lines.h"
#include "ctl/show.h"
#include "ctl/text.h"

#include <string.h>

static JsonObject *record_from(const char *text, RecordReader reader, char word[static 64])
{
    Line line;

    g_assert_cmpint(line_parse(&line, text, strlen(text)), ==, LINE_OK);
    g_assert_nonnull(line.word);
    g_strlcpy(word, line.word, 64);
    return record_new(&line, reader);
}

static Report *report_from(const char *text, RecordReader reader)
{
    Report *report = report_new();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line && **line; line++) {
        char word[64];
        JsonObject *record = record_from(*line, reader, word);

        report_add(report, word, record);
    }
    return report;
}

/* ── text ─────────────────────────────────────────────────────────────────────────────────── */

static void check_safe(void)
{
    static const struct {
        const char *text;
        const char *safe;
    } cases[] = {
        {"", ""},
        {"vm-1.x", "vm-1.x"},
        {"Jürgen 山", "Jürgen 山"},
        {"a\tb\nc\033[2J", "a?b?c?[2J"},
        {"\x7f", "?"},
        {"\xc2\x9b"
         "31m",
         "?31m"}, /* U+009B, CSI */
        {"\xe2\x80\xae"
         "abc",
         "?abc"},              /* U+202E, right-to-left */
        {"\xe2\x80\xa8", "?"}, /* U+2028, line separator */
        {"\xff\xfe", "??"},
        {"x\xc3", "x?"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *safe = text_safe(cases[i].text);

        g_assert_cmpstr(safe, ==, cases[i].safe);
    }
}

static void check_duration(void)
{
    static const struct {
        guint64 seconds;
        const char *text;
    } cases[] = {{0, "0s"},      {99, "99s"},
                 {100, "1m"},    {3599, "59m"},
                 {5999, "99m"},  {6000, "1h"},
                 {86399, "23h"}, {172799, "47h"},
                 {172800, "2d"}, {G_MAXUINT64, "213503982334601d"}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = text_duration(cases[i].seconds);

        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

static void check_table(void)
{
    g_autoptr(Table) table = table_new("A", "B", "C", NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    table_append(table, text);
    g_assert_cmpstr(text->str, ==, "");
    table_add(table, "山", "", "x", NULL);
    table_add_note(table, "a note that is longer than any column");
    table_add(table, "abc", "bb", "", NULL);
    table_append(table, text);
    g_assert_cmpstr(text->str, ==,
                    "A    B   C\n"
                    "山       x\n"
                    "    a note that is longer than any column\n"
                    "abc  bb\n");
}

/* ── list ─────────────────────────────────────────────────────────────────────────────────── */

static const char whole_list[] =
    "network network=lan parent=wlp3s0 default=yes types=ipvtap mode=bridge mac=translate guard=on "
    "static=on host=off devices=2 devices-limit=40 place=/etc/ontap/policy:2\n"
    "network network=lab parent=eth9 default=no types=ipvtap,ipvlan mode=private mac=parent "
    "guard=off static=off host=on host-why=\"it is a port of br0\" devices=0 "
    "place=/etc/ontap/policy:3\n"
    "parent parent=wlp3s0 state=present ifindex=2 up=yes carrier=yes hwaddr=02:00:5e:00:00:02 "
    "mtu=1500 addresses=192.0.2.5,2001:db8::5\n"
    "parent parent=eth9 state=missing\n"
    "device ifname=ontap1000003 network=lan name=vm1 owner=1000 user=member type=ipvtap "
    "ifindex=1000003 hwaddr=02:00:5e:00:00:02 mtu=1500 queues=2 open=1 addresses=8 parent=wlp3s0 "
    "permitted=no ended=yes same-mac=ontap1000001\n"
    "binding ifname=ontap1000003 network=lan name=vm1 address=192.0.2.101 source=dhcp valid=3599\n"
    "binding ifname=ontap1000003 network=lan name=vm1 address=2001:db8::101 source=dad "
    "valid=forever\n"
    "traffic ifname=ontap1000003 network=lan name=vm1 mac=52:54:00:12:34:56 frames-out=12 "
    "frames-in=3 claims=1 drop-source=7 drop-flood=2\n"
    "counters ifname=ontap1000003 network=lan name=vm1 frames=9 new-counter=1\n"
    "refusals ifname=ontap1000003 network=lan name=vm1 reason=host count=3\n"
    "refusals ifname=ontap1000003 network=lan name=vm1 reason=sibling count=1\n"
    "device ifname=ontap1000004 network=lan name=2 owner=1001 user=1001 type=macvtap "
    "ifindex=1000004 hwaddr=02:00:5e:00:00:09 mtu=1500 queues=1 open=1 addresses=8\n";

static void check_list(void)
{
    g_autoptr(Report) report = report_from(whole_list, RECORD_FOR_PEOPLE);
    g_autofree char *text = show_report(report);

    g_assert_cmpstr(
        text, ==,
        "NETWORK  PARENT  DEVICES  TYPES          SETTINGS\n"
        "lan      wlp3s0  2 of 40  ipvtap         default\n"
        "lab      eth9    0        ipvtap,ipvlan  mode=private mac=parent guard=off static=off "
        "host=on\n"
        "    it is a port of br0\n"
        "\n"
        "PARENT  STATE    MAC                MTU   ADDRESSES\n"
        "wlp3s0  up       02:00:5e:00:00:02  1500  192.0.2.5 2001:db8::5\n"
        "eth9    missing\n"
        "\n"
        "DEVICE        NETWORK  NAME  OWNER   TYPE     QUEUES  MAC                ADDRESSES\n"
        "ontap1000003  lan      vm1   member  ipvtap   1/2     52:54:00:12:34:56  "
        "192.0.2.101 dhcp 59m\n"
        "                                                                         "
        "2001:db8::101 dad\n"
        "    refused: host 3, sibling 1\n"
        "    dropped: source 7, flood 2\n"
        "    the policy no longer permits it (to take it away: ontapctl revoke)\n"
        "    released, but somebody still holds it\n"
        "    its guest has the same MAC as ontap1000001, so neither works well: give one another "
        "MAC\n"
        "ontap1000004  lan      2     1001    macvtap  1/1     02:00:5e:00:00:09  -\n");
}

static void check_empty(void)
{
    g_autoptr(Report) report = report_new();
    g_autofree char *text = show_report(report);

    g_assert_cmpstr(text, ==, "no devices\n");
}

/* A daemon that says what we do not know, or what makes no sense. */
static void check_odd(void)
{
    g_autoptr(Report) report = report_from(
        "device ifname=ontap1 network=lan name=vm1 user=\"a\\nb\\t\xc2\x9b\" queues=many open=-1 "
        "bindings=x traffic=y refusals=z mtu=99999999999999999999\n"
        "device\n"
        "binding ifname=nobody address=192.0.2.1 valid=soon\n"
        "binding\n"
        "network\nparent\ntraffic ifname=ontap1 mac=yes drop-=1 drop-x=y\n"
        "weather ifname=ontap1 sky=blue\n",
        RECORD_FOR_PEOPLE);
    g_autofree char *text = show_report(report);
    JsonObject *device = json_array_get_object_element(report_devices(report), 0);
    JsonArray *other = json_object_get_array_member(report_whole(report), "other");

    g_assert_nonnull(strstr(text, " a?b??"));
    for (const char *c = text; *c; c++)
        g_assert_true(*c == '\n' || (guchar)*c >= ' ');
    g_assert_cmpuint(json_array_get_length(json_object_get_array_member(device, "bindings")), ==,
                     0);
    g_assert_cmpstr(record_text(device, "queues", ""), ==, "many");
    g_assert_cmpint(record_number(device, "queues", -1), ==, -1);
    g_assert_cmpuint(json_array_get_length(other), ==, 3);
    g_assert_cmpstr(record_text(json_array_get_object_element(other, 2), "event", ""), ==,
                    "weather");
}

static JsonNode *parse(const char *json)
{
    g_autoptr(GError) error = NULL;
    JsonNode *node = json_from_string(json, &error);

    g_assert_no_error(error);
    return node;
}

static void check_list_json(void)
{
    g_autoptr(Report) report = report_from(whole_list, RECORD_FOR_PROGRAMS);
    g_autofree char *json = record_to_json(report_whole(report), TRUE);
    g_autoptr(JsonNode) node = parse(json);
    JsonObject *whole = json_node_get_object(node);
    JsonObject *network =
        json_array_get_object_element(json_object_get_array_member(whole, "networks"), 1);
    JsonObject *parent =
        json_array_get_object_element(json_object_get_array_member(whole, "parents"), 0);
    JsonArray *devices = json_object_get_array_member(whole, "devices");
    JsonObject *device = json_array_get_object_element(devices, 0);
    JsonArray *bindings = json_object_get_array_member(device, "bindings");
    JsonObject *binding = json_array_get_object_element(bindings, 1);
    JsonObject *traffic = json_object_get_object_member(device, "traffic");
    g_autofree char *types = record_list(network, "types", " ");
    g_autofree char *addresses = record_list(parent, "addresses", " ");

    g_assert_false(json_object_has_member(whole, "other"));
    g_assert_cmpstr(types, ==, "ipvtap ipvlan");
    g_assert_cmpstr(addresses, ==, "192.0.2.5 2001:db8::5");
    g_assert_false(record_flag(network, "default", TRUE));
    g_assert_true(record_flag(network, "host", FALSE));
    g_assert_cmpstr(record_text(network, "mac", ""), ==, "parent");
    g_assert_cmpint(record_number(device, "addresses", -1), ==, 8);
    g_assert_false(record_flag(device, "permitted", TRUE));
    g_assert_cmpuint(json_array_get_length(bindings), ==, 2);
    g_assert_false(json_object_has_member(binding, "ifname"));
    g_assert_true(json_object_get_null_member(binding, "valid"));
    g_assert_cmpint(record_number(json_array_get_object_element(bindings, 0), "valid", -1), ==,
                    3599);
    g_assert_cmpint(record_number(traffic, "drop-source", -1), ==, 7);
    g_assert_cmpint(
        record_number(json_object_get_object_member(device, "counters"), "new-counter", -1), ==, 1);
    /* A device that is called 2 is called "2". */
    g_assert_cmpstr(record_text(json_array_get_object_element(devices, 1), "name", ""), ==, "2");
}

/* Programs get what the daemon said, and a terminal that sees it nothing to obey. */
static void check_json_text(void)
{
    const char *said = "a\n\"\\\xc2\x9b\xe2\x80\xae\xff";
    g_autofree char *valid = g_utf8_make_valid(said, -1);
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *json = NULL;
    g_autoptr(JsonObject) record = NULL;
    char word[64];

    record = record_from("device user=\"a\\n\\\"\\\\\xc2\x9b\xe2\x80\xae\xff\" new=yes",
                         RECORD_FOR_PROGRAMS, word);
    json = record_to_json(record, FALSE);
    g_assert_nonnull(strstr(json, "\\u009b\\u202e"));
    g_assert_null(strchr(json, '\n'));
    node = parse(json);
    g_assert_cmpstr(record_text(json_node_get_object(node), "user", ""), ==, valid);
    g_assert_cmpstr(record_text(json_node_get_object(node), "new", ""), ==, "yes");
}

/* ── watch ────────────────────────────────────────────────────────────────────────────────── */

#define DEVICE "ifname=ontap7 network=lan name=vm1 "

static void check_events(void)
{
    static const struct {
        const char *line;
        const char *text; /* NULL: nothing for people */
    } cases[] = {
        {"network network=lan parent=up0 default=yes types=ipvtap,macvtap devices=3 "
         "devices-limit=40",
         "network       lan on up0: ipvtap,macvtap, 3 of 40 devices, default\n"},
        {"network-gone network=lan", "network-gone  lan\n"},
        {"parent parent=up0 state=present up=yes carrier=no hwaddr=02:00:00:00:00:01 mtu=1500 "
         "addresses=192.0.2.5,192.0.2.6",
         "parent        up0 is no carrier, 02:00:00:00:00:01, mtu 1500, 192.0.2.5 192.0.2.6\n"},
        {"parent parent=up0 state=present up=no", "parent        up0 is down\n"},
        {"parent parent=up0 state=missing", "parent        up0 is missing\n"},
        {"device " DEVICE "user=member type=ipvtap queues=2 open=1",
         "device        ontap7  vm1 on lan for member: ipvtap, 1 of 2 queues open\n"},
        {"device ifname=web network=lan name=web user=root type=ipvtap queues=2 place=host",
         "device        web  web on lan for root: ipvtap, 2 queues, in the host's network "
         "namespace\n"},
        {"made " DEVICE "user=member type=ipvtap queues=2 open=2 permitted=no same-mac=ontap6 "
         "ended=yes",
         "made          ontap7  vm1 on lan for member: ipvtap, 2 of 2 queues open, no longer "
         "permitted, released, same MAC as ontap6\n"},
        {"gone " DEVICE "why=\"its holder is gone\"",
         "gone          ontap7  vm1 on lan: its holder is gone\n"},
        {"binding " DEVICE "address=192.0.2.7 source=arp valid=forever",
         "binding       ontap7  vm1 on lan: 192.0.2.7 arp\n"},
        {"bound " DEVICE "address=192.0.2.7 source=dhcp valid=600",
         "bound         ontap7  vm1 on lan: 192.0.2.7 dhcp 10m\n"},
        {"unbound " DEVICE "address=192.0.2.7 reason=released",
         "unbound       ontap7  vm1 on lan: 192.0.2.7 (released)\n"},
        {"refused " DEVICE "address=192.0.2.2 reason=host",
         "refused       ontap7  vm1 on lan: 192.0.2.2 (host)\n"},
        {"claim " DEVICE "address=192.0.2.2 source=arp",
         "claim         ontap7  vm1 on lan: asks for 192.0.2.2 (arp)\n"},
        {"traffic " DEVICE "mac=52:54:00:12:34:56 frames-out=1 frames-in=2 drop-vlan=3",
         "traffic       ontap7  vm1 on lan: 52:54:00:12:34:56, frames 1 out, 2 in; dropped: vlan "
         "3\n"},
        {"refusals " DEVICE "reason=host count=2", "refusals      ontap7  vm1 on lan: host 2\n"},
        {"counters " DEVICE "frames=1", NULL},
        {"released " DEVICE "by=1000", "released      ontap7  vm1 on lan: by uid 1000\n"},
        {"permitted " DEVICE "permitted=no",
         "permitted     ontap7  vm1 on lan: the policy no longer permits it\n"},
        {"permitted " DEVICE "permitted=yes",
         "permitted     ontap7  vm1 on lan: the policy permits it again\n"},
        {"same-mac " DEVICE "mac=52:54:00:12:34:56 with=ontap6",
         "same-mac      ontap7  vm1 on lan: its guest's MAC 52:54:00:12:34:56 is also that of "
         "ontap6\n"},
        {"ready", "ready         this is the present state; what follows is news\n"},
        {"eclipse sun=no", "eclipse       {\"sun\":\"no\"}\n"},
        {"gone " DEVICE "why=\"\xc2\x9b\\n\"", "gone          ontap7  vm1 on lan: ??\n"},
        {"gone", "gone          ?  ? on ?: ?\n"},
        {"device", "device        ?  ? on ? for ?: ?, 0 of 0 queues open\n"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        char word[64];
        g_autoptr(JsonObject) record = record_from(cases[i].line, RECORD_FOR_PEOPLE, word);
        g_autofree char *text = show_event(word, record);

        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

static void check_status(void)
{
    char word[64];
    g_autoptr(JsonObject) status =
        record_from("ok version=0.1.0 pid=123 uptime=3600 policy=/etc/ontap/policy policy-age=60 "
                    "networks=2 translate=no translate-why=\"no BTF\" sandbox=full",
                    RECORD_FOR_PEOPLE, word);
    g_autofree char *text = show_status(status);

    g_assert_cmpstr(text, ==,
                    "version        0.1.0\n"
                    "pid            123\n"
                    "uptime         60m\n"
                    "policy         /etc/ontap/policy\n"
                    "policy-age     60s\n"
                    "networks       2\n"
                    "translate      no\n"
                    "translate-why  no BTF\n"
                    "sandbox        full\n");
}

/* ── lines ────────────────────────────────────────────────────────────────────────────────── */

static void feed(Lines *lines, const char *bytes, gsize size)
{
    while (size > 0) {
        gsize room;
        char *space = lines_space(lines, &room);
        gsize step = MIN(room, size);

        g_assert_cmpuint(step, >, 0);
        memcpy(space, bytes, step);
        lines_add(lines, step);
        bytes += step;
        size -= step;
    }
}

static void check_lines(void)
{
    g_autofree char *longest = g_strnfill(LINE_SIZE_MAX, 'a');
    Lines lines;
    Line line;

    lines_init(&lines);
    g_assert_cmpint(lines_next(&lines, &line), ==, LINES_MORE);
    feed(&lines, "ok a=1\ngon", 10);
    g_assert_cmpint(lines_next(&lines, &line), ==, LINES_LINE);
    g_assert_cmpstr(line.word, ==, "ok");
    g_assert_cmpint(lines_next(&lines, &line), ==, LINES_MORE);
    g_assert_true(lines_pending(&lines));
    feed(&lines, "e\n\nb=1\nx \001\n", 11);
    g_assert_cmpint(lines_next(&lines, &line), ==, LINES_LINE);
    g_assert_cmpstr(line.word, ==, "gone");
    for (int i = 0; i < 3; i++) /* empty, without a word, a control character */
        g_assert_cmpint(lines_next(&lines, &line), ==, LINES_BAD);
    g_assert_cmpint(lines_next(&lines, &line), ==, LINES_MORE);
    g_assert_false(lines_pending(&lines));

    feed(&lines, longest, LINE_SIZE_MAX);
    g_assert_cmpint(lines_next(&lines, &line), ==, LINES_MORE);
    feed(&lines, "\n", 1);
    g_assert_cmpint(lines_next(&lines, &line), ==, LINES_LINE);
    feed(&lines, longest, LINE_SIZE_MAX);
    feed(&lines, "a", 1);
    g_assert_cmpint(lines_next(&lines, &line), ==, LINES_BAD);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl/text/safe", check_safe);
    g_test_add_func("/ctl/text/duration", check_duration);
    g_test_add_func("/ctl/text/table", check_table);
    g_test_add_func("/ctl/lines", check_lines);
    g_test_add_func("/ctl/list/whole", check_list);
    g_test_add_func("/ctl/list/empty", check_empty);
    g_test_add_func("/ctl/list/odd", check_odd);
    g_test_add_func("/ctl/json/list", check_list_json);
    g_test_add_func("/ctl/json/text", check_json_text);
    g_test_add_func("/ctl/watch/events", check_events);
    g_test_add_func("/ctl/status", check_status);
    return g_test_run();
}
