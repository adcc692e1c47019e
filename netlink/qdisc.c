/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * clsact, and classifiers attached to it, exchanged and found again.
 *
 * The classic attachment is used, and not tcx links, because it works since Linux 4.5 and because
 * it belongs to the link: programs go on while no daemon runs, and go away with the device.
 */
#include "netlink/qdisc.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

static struct tcmsg *tc_message(RtnlMessage *message, guint16 type, guint16 flags, guint32 ifindex,
                                guint32 parent)
{
    struct tcmsg *header = rtnl_message_init(message, type, flags, sizeof *header);

    header->tcm_family = AF_UNSPEC;
    header->tcm_ifindex = (int)ifindex;
    header->tcm_parent = parent;
    return header;
}

typedef struct {
    char kind[IFNAMSIZ];
} Kind;

static int kind_attribute(const struct nlattr *attribute, void *data)
{
    Kind *kind = data;

    if (mnl_attr_get_type(attribute) != TCA_KIND)
        return MNL_CB_OK;
    if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0)
        return MNL_CB_ERROR;
    g_strlcpy(kind->kind, mnl_attr_get_str(attribute), sizeof kind->kind);
    return MNL_CB_OK;
}

static int take_kind(const struct nlmsghdr *message, void *data)
{
    if (message->nlmsg_type != RTM_NEWQDISC ||
        mnl_nlmsg_get_payload_len(message) < sizeof(struct tcmsg))
        return MNL_CB_ERROR;
    return mnl_attr_parse(message, sizeof(struct tcmsg), kind_attribute, data);
}

/* Whether the qdisc in the place where clsact belongs is one. */
static bool is_clsact(Rtnl *rtnl, guint32 ifindex)
{
    RtnlMessage message;
    Kind kind = {0};

    /* Without NLM_F_ECHO the kernel answers this one to its subscribers only. */
    tc_message(&message, RTM_GETQDISC, NLM_F_ECHO, ifindex, TC_H_CLSACT);
    return rtnl_query(rtnl, &message.header, take_kind, &kind, "no qdisc", NULL) &&
           strcmp(kind.kind, "clsact") == 0;
}

bool qdisc_add_clsact(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot add clsact to link %u", ifindex);
    g_autoptr(GError) failure = NULL;
    RtnlMessage message;
    struct tcmsg *header =
        tc_message(&message, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex, TC_H_CLSACT);

    header->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
    mnl_attr_put_strz(&message.header, TCA_KIND, "clsact");
    if (rtnl_request(rtnl, &message.header, what, &failure) ||
        (g_error_matches(failure, RTNL_ERROR, EEXIST) && is_clsact(rtnl, ifindex)))
        return true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

bool qdisc_delete_clsact(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot delete clsact of link %u", ifindex);
    RtnlMessage message;
    struct tcmsg *header = tc_message(&message, RTM_DELQDISC, 0, ifindex, TC_H_CLSACT);

    header->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
    mnl_attr_put_strz(&message.header, TCA_KIND, "clsact");
    return rtnl_request(rtnl, &message.header, what, error);
}

static guint32 hook(bool egress)
{
    return TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
}

static void classifier_message(RtnlMessage *message, guint16 type, guint16 flags,
                               const Classifier *classifier)
{
    struct tcmsg *header =
        tc_message(message, type, flags, classifier->ifindex, hook(classifier->egress));

    g_assert(classifier->priority != 0 && classifier->handle != 0);
    header->tcm_handle = classifier->handle;
    header->tcm_info = TC_H_MAKE((guint32)classifier->priority << 16, g_htons(ETH_P_ALL));
    mnl_attr_put_strz(&message->header, TCA_KIND, "bpf");
}

static char *sentence(const char *verb, const Classifier *classifier)
{
    return g_strdup_printf("cannot %s classifier %s %s link %u", verb, classifier->name,
                           classifier->egress ? "at the egress of" : "at the ingress of",
                           classifier->ifindex);
}

bool classifier_attach(Rtnl *rtnl, const Classifier *classifier, int fd, bool replace,
                       GError **error)
{
    g_autofree char *what = sentence("attach", classifier);
    RtnlMessage message;
    struct nlattr *options;

    classifier_message(&message, RTM_NEWTFILTER,
                       NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL), classifier);
    options = mnl_attr_nest_start(&message.header, TCA_OPTIONS);
    mnl_attr_put_u32(&message.header, TCA_BPF_FD, (guint32)fd);
    mnl_attr_put_strz(&message.header, TCA_BPF_NAME, classifier->name);
    mnl_attr_put_u32(&message.header, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
    mnl_attr_nest_end(&message.header, options);
    return rtnl_request(rtnl, &message.header, what, error);
}

bool classifier_detach(Rtnl *rtnl, const Classifier *classifier, GError **error)
{
    g_autofree char *what = sentence("detach", classifier);
    RtnlMessage message;

    classifier_message(&message, RTM_DELTFILTER, 0, classifier);
    return rtnl_request(rtnl, &message.header, what, error);
}

/* A classifier while its attributes are read. */
typedef struct {
    Classifier classifier;
    Kind kind;
    const struct nlattr *options;
} Reading;

static int classifier_attribute(const struct nlattr *attribute, void *data)
{
    Reading *reading = data;

    if (mnl_attr_get_type(attribute) == TCA_OPTIONS)
        reading->options = attribute;
    return kind_attribute(attribute, &reading->kind);
}

static int bpf_attribute(const struct nlattr *attribute, void *data)
{
    Classifier *classifier = data;

    switch (mnl_attr_get_type(attribute)) {
    case TCA_BPF_NAME:
        if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0)
            return MNL_CB_ERROR;
        g_strlcpy(classifier->name, mnl_attr_get_str(attribute), sizeof classifier->name);
        return MNL_CB_OK;
    case TCA_BPF_ID:
        if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
            return MNL_CB_ERROR;
        classifier->program = mnl_attr_get_u32(attribute);
        return MNL_CB_OK;
    default:
        return MNL_CB_OK;
    }
}

static int take_classifier(const struct nlmsghdr *message, void *data)
{
    const struct tcmsg *header = mnl_nlmsg_get_payload(message);
    GArray *classifiers = data;
    Reading reading = {0};

    if (message->nlmsg_type != RTM_NEWTFILTER ||
        mnl_nlmsg_get_payload_len(message) < sizeof *header)
        return MNL_CB_ERROR;
    reading.classifier.ifindex = (guint32)header->tcm_ifindex;
    reading.classifier.egress = header->tcm_parent == hook(true);
    reading.classifier.priority = (guint16)(TC_H_MAJ(header->tcm_info) >> 16);
    reading.classifier.handle = header->tcm_handle;
    if (mnl_attr_parse(message, sizeof *header, classifier_attribute, &reading) < 0)
        return MNL_CB_ERROR;
    /* Handle 0 is the head of all that have a priority. */
    if (header->tcm_handle == 0 || !reading.options || strcmp(reading.kind.kind, "bpf") != 0)
        return MNL_CB_OK;
    if (mnl_attr_parse_nested(reading.options, bpf_attribute, &reading.classifier) < 0)
        return MNL_CB_ERROR;
    g_array_append_val(classifiers, reading.classifier);
    return MNL_CB_OK;
}

static void forget_all(void *data)
{
    g_array_set_size(data, 0);
}

GArray *classifier_list(Rtnl *rtnl, guint32 ifindex, bool egress, GError **error)
{
    g_autoptr(GArray) classifiers = g_array_new(FALSE, FALSE, sizeof(Classifier));
    g_autofree char *what = g_strdup_printf("cannot list the classifiers of link %u", ifindex);
    RtnlMessage message;

    tc_message(&message, RTM_GETTFILTER, 0, ifindex, hook(egress));
    if (!rtnl_dump(rtnl, &message.header, take_classifier, forget_all, classifiers, what, error))
        return NULL;
    return g_steal_pointer(&classifiers);
}

bool classifier_find(Rtnl *rtnl, guint32 ifindex, bool egress, const char *name,
                     Classifier *classifierp, GError **error)
{
    g_autoptr(GArray) classifiers = classifier_list(rtnl, ifindex, egress, error);

    if (!classifiers)
        return false;
    for (guint i = 0; i < classifiers->len; i++) {
        const Classifier *classifier = &g_array_index(classifiers, Classifier, i);

        if (strcmp(classifier->name, name) == 0) {
            *classifierp = *classifier;
            return true;
        }
    }
    g_set_error(error, RTNL_ERROR, ENOENT, "link %u has no classifier %s: %s", ifindex, name,
                g_strerror(ENOENT));
    return false;
}
