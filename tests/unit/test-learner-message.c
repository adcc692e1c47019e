/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The messages between ontapd and its learner: each kind there and back, and what is none.
 */
#include "learner/message.h"

#include <glib.h>
#include <string.h>

static bool parse(Message *message, const char *text)
{
    return message_parse(message, (const guint8 *)text, strlen(text));
}

/* In the form in which they are written, so that reading and writing must give the same. */
static const char *const lines[] = {
    "parent ifindex=3 hwaddr=02:00:00:00:00:01\n",
    "parent-gone ifindex=3\n",
    "port ifindex=1000003 parent=3 addresses=8 arp=on\n",
    "port ifindex=2147483647 parent=2147483647 addresses=64 arp=off\n",
    "reset\n",
    "hello\n",
    "port-gone ifindex=1000003\n",
    "binding port=1000003 address=10.0.0.9 state=accepted source=dhcp lifetime=900\n",
    "binding port=1000003 address=fe80::1 state=accepted source=dad lifetime=forever\n",
    "binding port=1000003 address=10.0.0.9 state=refused\n",
    "binding port=1000003 address=10.0.0.9 state=expired\n",
    "binding port=1000003 address=10.0.0.9 state=removed\n",
    "port-gone ifindex=3\n",
    "bind port=1000003 address=10.0.0.9 source=arp lifetime=3600\n",
    "bind port=1000003 address=2001:db8::9 source=dhcpv6 lifetime=forever\n",
    "extend port=1000003 address=10.0.0.9 source=dhcp lifetime=1\n",
    "unbind port=1000003 address=10.0.0.9 reason=released\n",
    "unbind port=1000003 address=10.0.0.9 reason=contested\n",
    "replay port=1000003 address=10.0.0.9\nthe frame\n with newlines",
    "probe port=1000003 address=fe80::9\nx",
    "counters ifindex=3 frames=1 malformed=2 fragments=3 forged=4 transactions=5 unmatched=6 "
    "claims=7 refused=8 held=9 rate=10 full=11 invalid=12 defended=13 unbound=14 replays=15 "
    "probes=18446744073709551615\n",
};

static void test_round_trip(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        guint8 packet[MESSAGE_SIZE_MAX];
        Message message;
        size_t size;

        g_test_message("%s", lines[i]);
        g_assert_true(parse(&message, lines[i]));
        size = message_format(&message, packet);
        g_assert_cmpmem(packet, size, lines[i], strlen(lines[i]));
    }
}

/* No part of a message is one, but for a frame's. */
static void test_truncated(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        size_t line = (size_t)(strchr(lines[i], '\n') - lines[i]) + 1;
        bool frame = lines[i][line] != '\0';
        Message message;

        for (size_t size = 0; size < line; size++)
            g_assert_false(message_parse(&message, (const guint8 *)lines[i], size));
        g_assert_cmpint(message_parse(&message, (const guint8 *)lines[i], line), ==, !frame);
    }
}

static const char *const wrong[] = {
    "",
    "\n",
    "ifindex=3\n",
    "reset now\n",
    "hello ifindex=1\n",
    "port-gone ifindex=0\n",
    "port-gone ifindex=2147483648\n",
    "port-gone ifindex=-1\n",
    "port-gone ifindex=3 ifindex=3\n",
    "port-gone ifindex=3 more=1\n",
    "port-gone ifindex=3\nmore",
    "port-gone ifindex=3\n\n",
    "parent ifindex=3\n",
    "parent ifindex=3 hwaddr=02:00\n",
    "port ifindex=4 parent=3 addresses=0 arp=on\n",
    "port ifindex=4 parent=3 addresses=1025 arp=on\n",
    "port ifindex=4 parent=3 addresses=8 arp=yes\n",
    "port ifindex=4 parent=3 addresses=8\n",
    "binding port=4 address=10.0.0.9 state=accepted\n",
    "binding port=4 address=10.0.0.9 state=refused source=arp\n",
    "binding port=4 address=10.0.0.9 state=maybe\n",
    "binding port=4 address=10.0.0 state=refused\n",
    "bind port=4 address=10.0.0.9 source=rumour lifetime=1\n",
    "bind port=4 address=10.0.0.9 source=arp lifetime=0\n",
    "bind port=4 address=10.0.0.9 source=arp lifetime=4294967295\n",
    "bind port=4 address=10.0.0.9 source=arp lifetime=1\nx",
    "unbind port=4 address=10.0.0.9 reason=why\n",
    "replay port=4 address=10.0.0.9\n",
    "counters ifindex=3 frames=1\n",
};

static void test_wrong(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        Message message;

        g_test_message("%s", wrong[i]);
        g_assert_false(parse(&message, wrong[i]));
    }
}

/* The largest of each fits. */
static void test_largest(void)
{
    guint8 frame[PROPOSAL_FRAME_MAX + 1] = {0};
    guint8 packet[MESSAGE_SIZE_MAX + 1];
    Message message = {.kind = MESSAGE_COUNTERS, .ifindex = G_MAXINT32}, back;
    size_t size;

    memset(message.counters.n, 0xff, sizeof(message.counters.n));
    size = message_format(&message, packet);
    g_assert_true(message_parse(&back, packet, size));
    g_assert_cmpmem(&back.counters, sizeof(back.counters), &message.counters,
                    sizeof(message.counters));

    message = (Message){.kind = MESSAGE_PROPOSAL,
                        .proposal = {.kind = PROPOSAL_REPLAY,
                                     .port = G_MAXINT32,
                                     .frame = frame,
                                     .frame_size = PROPOSAL_FRAME_MAX}};
    g_assert_true(ip_parse("fe80:1111:1111:1111:1111:1111:1111:1111", &message.proposal.address));
    size = message_format(&message, packet);
    g_assert_true(message_parse(&back, packet, size));
    g_assert_cmpuint(back.proposal.frame_size, ==, PROPOSAL_FRAME_MAX);
    packet[size] = 0;
    g_assert_false(message_parse(&back, packet, size + 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/learner/message/round-trip", test_round_trip);
    g_test_add_func("/learner/message/truncated", test_truncated);
    g_test_add_func("/learner/message/wrong", test_wrong);
    g_test_add_func("/learner/message/largest", test_largest);
    return g_test_run();
}
