/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Flower, because it says what it matches, and any kernel of a distribution has it. Never in
 * hardware (SKIP_HW): the frames do not leave the machine.
 */
#include "netlink/steer.h"

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_pedit.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>

/* Of our rules, so that no other's is taken for one or replaced: "onta". */
#define HANDLE 0x6f6e7461

static guint16 protocol(SteerKind kind)
{
    switch (kind) {
    case STEER_ARP_FROM:
        return ETH_P_ARP;
    case STEER_SOLICIT_FROM:
        return ETH_P_IPV6;
    case STEER_UNICAST_TO:
    case STEER_NOWHERE:
        break;
    }
    return ETH_P_ALL;
}

static void filter_message(RtnlMessage *message, guint16 type, guint16 flags, const Steer *steer)
{
    struct tcmsg *header = rtnl_message_init(message, type, flags, sizeof *header);
    bool egress = steer->kind == STEER_UNICAST_TO;

    g_assert(steer->priority != 0);
    header->tcm_family = AF_UNSPEC;
    header->tcm_ifindex = (int)steer->ifindex;
    header->tcm_parent = TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
    header->tcm_handle = HANDLE;
    header->tcm_info = TC_H_MAKE((guint32)steer->priority << 16, g_htons(protocol(steer->kind)));
    mnl_attr_put_strz(&message->header, TCA_KIND, "flower");
}

static void put_mac(struct nlmsghdr *header, guint16 key, guint16 mask,
                    const guint8 hwaddr[static HWADDR_SIZE])
{
    static const guint8 whole[HWADDR_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    mnl_attr_put(header, key, HWADDR_SIZE, hwaddr);
    mnl_attr_put(header, mask, HWADDR_SIZE, whole);
}

static void put_match(struct nlmsghdr *header, const Steer *steer)
{
    mnl_attr_put_u32(header, TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_SKIP_HW);
    switch (steer->kind) {
    case STEER_UNICAST_TO:
        put_mac(header, TCA_FLOWER_KEY_ETH_DST, TCA_FLOWER_KEY_ETH_DST_MASK, steer->hwaddr);
        put_mac(header, TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK, steer->hwaddr);
        return;
    case STEER_SOLICIT_FROM:
        mnl_attr_put_u8(header, TCA_FLOWER_KEY_IP_PROTO, IPPROTO_ICMPV6);
        mnl_attr_put_u8(header, TCA_FLOWER_KEY_ICMPV6_TYPE, ND_NEIGHBOR_SOLICIT);
        mnl_attr_put_u8(header, TCA_FLOWER_KEY_ICMPV6_TYPE_MASK, 0xff);
        G_GNUC_FALLTHROUGH;
    case STEER_ARP_FROM:
        mnl_attr_put_u16(header, TCA_FLOWER_KEY_ETH_TYPE, g_htons(protocol(steer->kind)));
        put_mac(header, TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK, steer->hwaddr);
        return;
    case STEER_NOWHERE:
        return;
    }
}

/* An action is `kind` and its options, in a nest that is numbered in the order of execution. */
typedef struct {
    struct nlattr *action, *options;
} Action;

static Action begin_action(struct nlmsghdr *header, guint16 order, const char *kind)
{
    Action action = {.action = mnl_attr_nest_start(header, order)};

    mnl_attr_put_strz(header, TCA_ACT_KIND, kind);
    action.options = mnl_attr_nest_start(header, TCA_ACT_OPTIONS);
    return action;
}

static void end_action(struct nlmsghdr *header, const Action *action)
{
    mnl_attr_nest_end(header, action->options);
    mnl_attr_nest_end(header, action->action);
}

/* act_pedit edits four bytes at a time; a mask of ones keeps what was there. */
static struct tc_pedit_key edit(guint32 offset, const guint8 bytes[static 4], guint32 kept)
{
    struct tc_pedit_key key = {.off = offset, .mask = kept};

    memcpy(&key.val, bytes, sizeof key.val);
    return key;
}

static void put_key_place(struct nlmsghdr *header)
{
    struct nlattr *key = mnl_attr_nest_start(header, TCA_PEDIT_KEY_EX);

    mnl_attr_put_u16(header, TCA_PEDIT_KEY_EX_HTYPE, TCA_PEDIT_KEY_EX_HDR_TYPE_ETH);
    mnl_attr_put_u16(header, TCA_PEDIT_KEY_EX_CMD, TCA_PEDIT_KEY_EX_CMD_SET);
    mnl_attr_nest_end(header, key);
}

/* The destination becomes `hwaddr`. */
static void put_readdress(struct nlmsghdr *header, guint16 order,
                          const guint8 hwaddr[static HWADDR_SIZE])
{
    const guint8 last[4] = {hwaddr[4], hwaddr[5], 0, 0};
    const struct tc_pedit_key keys[] = {edit(0, hwaddr, 0), edit(4, last, g_htonl(0x0000ffff))};
    const struct tc_pedit_sel selector = {.action = TC_ACT_PIPE, .nkeys = G_N_ELEMENTS(keys)};
    guint8 parameters[sizeof selector + sizeof keys];
    Action action = begin_action(header, order, "pedit");
    struct nlattr *places;

    memcpy(parameters, &selector, sizeof selector);
    memcpy(parameters + sizeof selector, keys, sizeof keys);
    mnl_attr_put(header, TCA_PEDIT_PARMS_EX, sizeof parameters, parameters);
    places = mnl_attr_nest_start(header, TCA_PEDIT_KEYS_EX);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        put_key_place(header);
    mnl_attr_nest_end(header, places);
    end_action(header, &action);
}

static void put_redirect(struct nlmsghdr *header, guint16 order, bool ingress, guint32 target)
{
    const struct tc_mirred parameters = {
        .action = TC_ACT_STOLEN,
        .eaction = ingress ? TCA_INGRESS_REDIR : TCA_EGRESS_REDIR,
        .ifindex = target,
    };
    Action action = begin_action(header, order, "mirred");

    mnl_attr_put(header, TCA_MIRRED_PARMS, sizeof parameters, &parameters);
    end_action(header, &action);
}

static void put_drop(struct nlmsghdr *header, guint16 order)
{
    const struct tc_gact parameters = {.action = TC_ACT_SHOT};
    Action action = begin_action(header, order, "gact");

    mnl_attr_put(header, TCA_GACT_PARMS, sizeof parameters, &parameters);
    end_action(header, &action);
}

static void put_actions(struct nlmsghdr *header, const Steer *steer)
{
    struct nlattr *actions = mnl_attr_nest_start(header, TCA_FLOWER_ACT);

    switch (steer->kind) {
    case STEER_UNICAST_TO:
        put_redirect(header, 1, false, steer->target);
        break;
    case STEER_ARP_FROM:
    case STEER_SOLICIT_FROM:
        put_readdress(header, 1, steer->hwaddr);
        put_redirect(header, 2, true, steer->target);
        break;
    case STEER_NOWHERE:
        put_drop(header, 1);
        break;
    }
    mnl_attr_nest_end(header, actions);
}

bool steer_set(Rtnl *rtnl, const Steer *steer, GError **error)
{
    g_autofree char *what =
        g_strdup_printf("cannot set a flower classifier on link %u", steer->ifindex);
    RtnlMessage message;
    struct nlattr *options;

    filter_message(&message, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_REPLACE, steer);
    options = mnl_attr_nest_start(&message.header, TCA_OPTIONS);
    put_match(&message.header, steer);
    put_actions(&message.header, steer);
    mnl_attr_nest_end(&message.header, options);
    return rtnl_request(rtnl, &message.header, what, error);
}

bool steer_unset(Rtnl *rtnl, const Steer *steer, GError **error)
{
    g_autofree char *what =
        g_strdup_printf("cannot delete a flower classifier of link %u", steer->ifindex);
    RtnlMessage message;

    filter_message(&message, RTM_DELTFILTER, 0, steer);
    return rtnl_request(rtnl, &message.header, what, error);
}

static int take_filter(const struct nlmsghdr *message, void *data)
{
    bool *any = data;

    if (message->nlmsg_type == RTM_NEWTFILTER)
        *any = true;
    return MNL_CB_OK;
}

bool steer_is_any(Rtnl *rtnl, guint32 ifindex, bool *anyp, GError **error)
{
    static const guint32 hooks[] = {TC_H_MIN_INGRESS, TC_H_MIN_EGRESS};

    *anyp = false;
    for (size_t i = 0; i < G_N_ELEMENTS(hooks); i++) {
        RtnlMessage message;
        struct tcmsg *header = rtnl_message_init(&message, RTM_GETTFILTER, 0, sizeof *header);

        header->tcm_family = AF_UNSPEC;
        header->tcm_ifindex = (int)ifindex;
        header->tcm_parent = TC_H_MAKE(TC_H_CLSACT, hooks[i]);
        if (!rtnl_dump(rtnl, &message.header, take_filter, NULL, anyp,
                       "cannot list the classifiers of a link", error))
            return false;
    }
    return true;
}
