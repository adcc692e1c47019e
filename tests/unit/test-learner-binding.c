/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The binding table: each transition, with a fake clock. A case is a script of events on one
 * address, for the taps A and B of one parent and C of another; it tells what is proposed, and the
 * state of the address on the first parent at its end.
 */
#include "learner/binding.h"

#include <glib.h>
#include <string.h>

#define START 1000000

typedef struct {
    Bindings bindings;
    BindingOwner owners[3];
    Counters counters[3];
    guint64 now;
    GString *log;
} World;

static const guint8 hwaddr[6] = {2, 0, 0, 0, 0, 1};
static const char *const state_texts[] = {"none",  "tentative", "proposed",
                                          "bound", "probing",   "refused"};

static void sink(const Proposal *proposal, void *data)
{
    World *world = data;

    if (world->log->len > 0)
        g_string_append(world->log, ", ");
    g_string_append_printf(world->log, "%s %c", proposal_kind_text(proposal->kind),
                           'A' + (char)(proposal->port - 10));
    switch (proposal->kind) {
    case PROPOSAL_BIND:
    case PROPOSAL_EXTEND:
        g_string_append_printf(world->log, " %s %u", binding_source_text(proposal->source),
                               proposal->lifetime);
        break;
    case PROPOSAL_UNBIND:
        g_string_append_printf(world->log, " %s", unbind_reason_text(proposal->reason));
        break;
    case PROPOSAL_REPLAY:
    case PROPOSAL_PROBE:
        g_assert_cmpuint(proposal->frame_size, >, 0);
        break;
    }
}

static void world_init(World *world, size_t n)
{
    *world = (World){.now = START, .log = g_string_new(NULL)};
    bindings_init(&world->bindings, 42, sink, world);
    for (guint32 i = 0; i < 3; i++)
        bindings_owner_init(&world->bindings, &world->owners[i], 10 + i, i < 2 ? 1 : 2, hwaddr,
                            &world->counters[i], n);
}

static void world_deinit(World *world)
{
    for (guint32 i = 0; i < 3; i++)
        bindings_owner_deinit(&world->bindings, &world->owners[i]);
    bindings_deinit(&world->bindings);
    g_string_free(world->log, TRUE);
}

/* Time passes in small steps, as a timer would let it. */
static void wait(World *world, guint64 time)
{
    guint64 end = world->now + time;
    const Timer *timer;

    while ((timer = timers_first(&world->bindings.timers)) && timer->due <= end) {
        world->now = MAX(world->now, timer->due);
        g_assert_true(bindings_tick(&world->bindings, world->now));
    }
    world->now = end;
}

/* `event TAP [number]` */
static void play(World *world, const char *step, const IpAddress *address)
{
    g_auto(GStrv) words = g_strsplit(step, " ", -1);
    const char *event = words[0];
    guint64 number = words[1] && words[2] ? g_ascii_strtoull(words[2], NULL, 10) : 0;
    BindingOwner *owner = words[1] ? &world->owners[(words[1][0] - 'A') & 3] : NULL;
    BindingSource dhcp = address->family == AF_INET ? SOURCE_DHCP : SOURCE_DHCPV6;
    Bindings *bindings = &world->bindings;

    if (g_str_equal(event, "wait"))
        wait(world, g_ascii_strtoull(words[1], NULL, 10));
    else if (g_str_equal(event, "arp"))
        bindings_claim(bindings, owner, address, SOURCE_ARP, world->now);
    else if (g_str_equal(event, "dad"))
        bindings_claim(bindings, owner, address, SOURCE_DAD, world->now);
    else if (g_str_equal(event, "offer"))
        bindings_lease(bindings, owner, address, dhcp, 60, true, world->now);
    else if (g_str_equal(event, "lease"))
        bindings_lease(bindings, owner, address, dhcp, (guint32)number, false, world->now);
    else if (g_str_equal(event, "seen"))
        bindings_seen(bindings, owner, address, world->now);
    else if (g_str_equal(event, "defend"))
        bindings_defended(bindings, 1, address);
    else if (g_str_equal(event, "giveup"))
        bindings_give_up(bindings, owner, address, dhcp, UNBIND_RELEASED);
    else if (g_str_equal(event, "doubt"))
        bindings_doubt(bindings, bindings_find(bindings, 1, address), UNBIND_WITHDRAWN, world->now);
    else if (g_str_equal(event, "accept-arp"))
        bindings_verdict(bindings, owner, address, VERDICT_ACCEPTED, SOURCE_ARP, (guint32)number,
                         world->now);
    else if (g_str_equal(event, "accept-dad"))
        bindings_verdict(bindings, owner, address, VERDICT_ACCEPTED, SOURCE_DAD, (guint32)number,
                         world->now);
    else if (g_str_equal(event, "accept"))
        bindings_verdict(bindings, owner, address, VERDICT_ACCEPTED, dhcp, (guint32)number,
                         world->now);
    else if (g_str_equal(event, "refuse"))
        bindings_verdict(bindings, owner, address, VERDICT_REFUSED, dhcp, 0, world->now);
    else if (g_str_equal(event, "expire"))
        bindings_verdict(bindings, owner, address, VERDICT_EXPIRED, dhcp, 0, world->now);
    else if (g_str_equal(event, "remove"))
        bindings_verdict(bindings, owner, address, VERDICT_REMOVED, dhcp, 0, world->now);
    else
        g_assert_not_reached();
}

typedef struct {
    const char *name;
    const char *address;
    const char *script;
    const char *proposed;
    const char *state;
} Case;

#define V4 "10.0.0.9"
#define V6 "2001:db8::9"

static const Case cases[] = {
    /* absent */
    {"dad", V6, "dad A", "", "tentative"},
    {"arp", V4, "arp A", "bind A arp 3600", "proposed"},
    {"lease", V4, "lease A 900", "bind A dhcp 900", "proposed"},
    {"lease-forever", V4, "lease A 4294967295", "bind A dhcp 4294967295", "proposed"},
    {"accepted-at-start", V4, "accept A 900", "", "bound"},
    {"seen-unknown", V4, "seen A", "", "none"},
    {"refused-unknown", V4, "refuse A", "", "none"},
    {"removed-unknown", V4, "remove A", "", "none"},
    {"give-up-unknown", V4, "giveup A", "", "none"},
    /* tentative */
    {"tentative-early", V6, "dad A;wait 499", "", "tentative"},
    {"tentative-timer", V6, "dad A;wait 500", "bind A dad 3600", "proposed"},
    {"tentative-again", V6, "dad A;wait 400;dad A;wait 100", "bind A dad 3600", "proposed"},
    {"tentative-lease", V6, "dad A;lease A 900", "bind A dhcpv6 900", "proposed"},
    {"tentative-defended", V6, "dad A;defend;wait 1000", "", "none"},
    {"tentative-given-up", V6, "dad A;giveup A;wait 1000", "", "none"},
    {"tentative-removed", V6, "dad A;remove A", "", "tentative"},
    {"tentative-refused", V6, "dad A;refuse A", "", "tentative"},
    {"tentative-other", V6, "dad A;dad B;wait 500", "bind A dad 3600", "proposed"},
    /* proposed */
    {"proposed-accepted", V4, "arp A;accept-arp A 3600", "bind A arp 3600", "bound"},
    {"proposed-refused", V4, "arp A;refuse A", "bind A arp 3600", "refused"},
    {"proposed-lease", V4, "offer A;lease A 900", "bind A dhcp 60, bind A dhcp 900", "proposed"},
    {"proposed-offer", V4, "lease A 900;offer A", "bind A dhcp 900", "proposed"},
    {"proposed-given-up", V4, "lease A 900;giveup A", "bind A dhcp 900, unbind A released", "none"},
    {"proposed-not-leased", V4, "arp A;giveup A", "bind A arp 3600", "proposed"},
    {"proposed-early", V4, "arp A;wait 4999", "bind A arp 3600", "proposed"},
    {"proposed-timer", V4, "arp A;wait 5000", "bind A arp 3600", "none"},
    {"proposed-removed", V4, "arp A;remove A", "bind A arp 3600", "proposed"},
    {"proposed-defended", V6, "dad A;wait 500;defend", "bind A dad 3600", "proposed"},
    {"proposed-seen", V4, "arp A;seen A;arp A", "bind A arp 3600", "proposed"},
    {"proposed-other", V4, "arp A;arp B", "bind A arp 3600", "proposed"},
    /* bound */
    {"bound-seen", V4, "accept-arp A 3600;seen A", "", "bound"},
    {"bound-seen-late", V4, "accept-arp A 1000;arp A", "extend A arp 3600", "bound"},
    {"bound-seen-kept", V4, "accept-arp A 3600;wait 299000;seen A;wait 299000", "", "bound"},
    {"bound-lease", V4, "accept A 900;lease A 1800", "extend A dhcp 1800", "bound"},
    {"bound-lease-shorter", V4, "accept A 900;lease A 100", "extend A dhcp 100", "bound"},
    {"bound-lease-of-arp", V4, "accept-arp A 3600;lease A 900;wait 899999", "extend A dhcp 900",
     "bound"},
    {"bound-offer", V4, "accept A 900;offer A", "", "bound"},
    {"bound-offer-late", V4, "accept A 900;wait 850000;offer A", "extend A dhcp 60", "bound"},
    {"bound-offer-of-arp", V4, "accept-arp A 3600;offer A;wait 60000", "", "bound"},
    {"bound-idle-early", V4, "accept-arp A 3600;wait 299999", "", "bound"},
    {"bound-idle", V4, "accept-arp A 3600;wait 300000", "probe A", "probing"},
    {"bound-idle-v6", V6, "accept-dad A 3600;wait 300000", "probe A", "probing"},
    {"bound-lease-not-idle", V4, "accept A 9000;wait 8999999", "", "bound"},
    {"bound-lease-over", V4, "accept A 900;wait 900000", "", "none"},
    {"bound-short", V4, "accept-arp A 100;wait 100000", "", "none"},
    {"bound-forever", V4, "accept A 4294967295;wait 9000000000", "", "bound"},
    {"bound-released", V4, "accept A 900;giveup A", "unbind A released", "none"},
    {"bound-released-arp", V4, "accept-arp A 900;giveup A", "", "bound"},
    {"bound-released-other", V4, "accept A 900;giveup B", "", "bound"},
    {"bound-expired", V4, "accept A 900;expire A", "", "none"},
    {"bound-removed", V4, "accept A 900;remove A", "", "none"},
    {"bound-removed-other", V4, "accept A 900;remove B", "", "bound"},
    {"bound-refused", V4, "accept A 900;refuse A", "", "refused"},
    {"bound-defended", V6, "accept-dad A 900;defend", "", "bound"},
    {"bound-withdrawn", V6, "accept-dad A 3600;doubt A;wait 0", "probe A", "probing"},
    {"bound-withdrawn-twice", V6, "accept-dad A 3600;doubt A;wait 0;seen A;doubt A;wait 0",
     "probe A", "bound"},
    {"bound-withdrawn-leased", V6, "accept A 3600;doubt A;wait 0", "", "bound"},
    {"bound-accepted", V4, "accept A 900;accept A 100;wait 100000", "", "none"},
    {"bound-moved", V4, "accept A 900;accept B 900;remove A", "", "bound"},
    /* contested */
    {"contested", V4, "accept-arp A 3600;arp B", "probe A", "probing"},
    {"contested-answer", V4, "accept-arp A 3600;arp B;seen A", "probe A", "bound"},
    {"contested-again", V4, "accept-arp A 3600;arp B;seen A;arp B", "probe A", "bound"},
    {"contested-later", V4, "accept-arp A 3600;arp B;seen A;wait 60000;arp B", "probe A, probe A",
     "probing"},
    {"contested-gone", V4, "accept-arp A 3600;arp B;wait 3000;arp B",
     "probe A, probe A, probe A, unbind A contested, bind B arp 3600", "proposed"},
    {"contested-lease", V4, "accept A 900;arp B", "", "bound"},
    {"contested-lease-lease", V4, "accept A 900;lease B 900", "probe A", "probing"},
    {"contested-parent", V4, "accept A 900;arp C", "bind C arp 3600", "bound"},
    /* probing */
    {"probing-answer", V4, "accept-arp A 3600;wait 300500;seen A;wait 299999", "probe A", "bound"},
    {"probing-answer-second", V4, "accept-arp A 3600;wait 301500;arp A", "probe A, probe A",
     "bound"},
    {"probing-extends", V4, "accept-arp A 1900;wait 300500;seen A", "probe A, extend A arp 3600",
     "bound"},
    {"probing-silent", V4, "accept-arp A 3600;wait 303000",
     "probe A, probe A, probe A, unbind A idle", "none"},
    {"probing-withdrawn", V6, "accept-dad A 3600;doubt A;wait 3000",
     "probe A, probe A, probe A, unbind A withdrawn", "none"},
    {"probing-other", V4, "accept-arp A 3600;wait 300000;seen B", "probe A", "probing"},
    {"probing-lease", V4, "accept-arp A 3600;wait 300000;lease A 900", "probe A, extend A dhcp 900",
     "bound"},
    {"probing-accepted", V4, "accept-arp A 3600;wait 300000;accept-arp A 3600", "probe A",
     "probing"},
    {"probing-removed", V4, "accept-arp A 3600;wait 300000;remove A;wait 5000", "probe A", "none"},
    {"probing-given-up", V4, "accept A 900;lease B 900;giveup A", "probe A, unbind A released",
     "none"},
    {"probing-refused", V4, "accept-arp A 3600;wait 300000;refuse A", "probe A", "refused"},
    /* refused */
    {"refused-arp", V4, "arp A;refuse A;arp A", "bind A arp 3600", "refused"},
    {"refused-lease", V4, "arp A;refuse A;lease A 900", "bind A arp 3600, bind A dhcp 900",
     "proposed"},
    {"refused-timer", V4, "arp A;refuse A;wait 10000;arp A", "bind A arp 3600, bind A arp 3600",
     "proposed"},
    {"refused-accepted", V4, "arp A;refuse A;accept-arp A 3600", "bind A arp 3600", "bound"},
    {"refused-other", V4, "arp A;refuse A;arp B", "bind A arp 3600, bind B arp 3600", "proposed"},
    {"refused-given-up", V4, "arp A;refuse A;giveup A", "bind A arp 3600", "refused"},
    /* late answers to what was given up meanwhile */
    {"late-accepted", V4, "lease A 900;giveup A;accept A 900;remove A",
     "bind A dhcp 900, unbind A released", "none"},
    {"late-removed", V4, "accept A 900;giveup A;lease A 900;remove A",
     "unbind A released, bind A dhcp 900", "proposed"},
    /* what nobody can own */
    {"invalid-broadcast", "255.255.255.255", "arp A", "", "none"},
    {"invalid-multicast", "224.0.0.1", "lease A 900", "", "none"},
    {"invalid-loopback", "127.0.0.1", "arp A", "", "none"},
    {"invalid-zero", "0.0.0.1", "arp A", "", "none"},
    {"invalid-multicast6", "ff02::1", "dad A", "", "none"},
    {"invalid-loopback6", "::1", "dad A", "", "none"},
    {"invalid-any6", "::", "dad A", "", "none"},
    {"invalid-mapped", "::ffff:10.0.0.1", "dad A", "", "none"},
    {"link-local", "fe80::1", "dad A", "", "tentative"},
};

static void test_case(gconstpointer data)
{
    const Case *test = data;
    g_auto(GStrv) steps = g_strsplit(test->script, ";", -1);
    World world;
    IpAddress address;
    const Binding *binding;

    g_assert_true(ip_parse(test->address, &address));
    world_init(&world, 4);
    for (size_t i = 0; steps[i]; i++)
        play(&world, steps[i], &address);
    binding = bindings_find(&world.bindings, 1, &address);
    g_assert_cmpstr(world.log->str, ==, test->proposed);
    g_assert_cmpstr(state_texts[binding ? binding->state : 0], ==, test->state);
    world_deinit(&world);
}

static IpAddress numbered(guint32 number)
{
    IpAddress address = {
        .family = AF_INET,
        .bytes = {10, (guint8)(number >> 16), (guint8)(number >> 8), (guint8)number}};

    return address;
}

static void test_rate(void)
{
    World world;

    world_init(&world, 100);
    for (guint32 i = 1; i <= 1000; i++) {
        IpAddress address = numbered(i);

        bindings_claim(&world.bindings, &world.owners[0], &address, SOURCE_ARP, world.now);
    }
    g_assert_cmpuint(world.counters[0].n[COUNTER_CLAIMS], ==, 10);
    g_assert_cmpuint(world.counters[0].n[COUNTER_RATE], ==, 990);
    world.now += 300;
    for (guint32 i = 1001; i <= 2000; i++) {
        IpAddress address = numbered(i);

        bindings_claim(&world.bindings, &world.owners[0], &address, SOURCE_ARP, world.now);
    }
    g_assert_cmpuint(world.counters[0].n[COUNTER_CLAIMS], ==, 13);
    /* Its neighbour has a rate of its own. */
    play(&world, "arp B", &(IpAddress){.family = AF_INET, .bytes = {10, 9, 9, 9}});
    g_assert_cmpuint(world.counters[1].n[COUNTER_CLAIMS], ==, 1);
    world_deinit(&world);
}

static void test_full(void)
{
    World world;
    IpAddress address;

    world_init(&world, 4);
    for (guint32 i = 1; i <= 5; i++) {
        address = numbered(i);
        bindings_claim(&world.bindings, &world.owners[0], &address, SOURCE_ARP, world.now);
    }
    g_assert_cmpuint(world.counters[0].n[COUNTER_CLAIMS], ==, 4);
    g_assert_cmpuint(world.counters[0].n[COUNTER_FULL], ==, 1);

    /* What was refused gives way, the oldest first. */
    address = numbered(2);
    play(&world, "refuse A", &address);
    world.now += 1000;
    address = numbered(1);
    play(&world, "refuse A", &address);
    address = numbered(6);
    play(&world, "arp A", &address);
    g_assert_cmpuint(world.counters[0].n[COUNTER_CLAIMS], ==, 5);
    address = numbered(2);
    g_assert_null(bindings_find(&world.bindings, 1, &address));
    address = numbered(1);
    g_assert_nonnull(bindings_find(&world.bindings, 1, &address));
    world_deinit(&world);
}

static void test_owner_gone(void)
{
    World world;
    IpAddress address = numbered(1);

    world_init(&world, 4);
    play(&world, "accept A 900", &address);
    bindings_owner_deinit(&world.bindings, &world.owners[0]);
    g_assert_null(bindings_find(&world.bindings, 1, &address));
    g_assert_null(timers_first(&world.bindings.timers));
    play(&world, "arp B", &address);
    g_assert_cmpstr(world.log->str, ==, "bind B arp 3600");
    bindings_owner_init(&world.bindings, &world.owners[0], 10, 1, hwaddr, &world.counters[0], 4);
    world_deinit(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/learner/binding/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    g_test_add_func("/learner/binding/rate", test_rate);
    g_test_add_func("/learner/binding/full", test_full);
    g_test_add_func("/learner/binding/owner-gone", test_owner_gone);
    return g_test_run();
}
