/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The family has a number of its own on each start of the kernel. It is looked for in the list of
 * all families: to ask for it by name would make the kernel load Wi-Fi on a machine that has none.
 */
#include "netlink/wireless.h"

#include <linux/genetlink.h>
#include <linux/nl80211.h>
#include <string.h>

static void *generic_init(RtnlMessage *message, guint16 family, guint8 command)
{
    struct genlmsghdr *header = rtnl_message_init(message, family, 0, sizeof *header);

    header->cmd = command;
    header->version = 1;
    return header;
}

typedef struct {
    const char *name;
    guint16 id;
} Family;

static int collect_attribute(const struct nlattr *attribute, void *data)
{
    Family *family = data;
    guint16 type = mnl_attr_get_type(attribute);

    if (type == CTRL_ATTR_FAMILY_NAME && mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
        family->name = mnl_attr_get_str(attribute);
    else if (type == CTRL_ATTR_FAMILY_ID && mnl_attr_validate(attribute, MNL_TYPE_U16) == 0)
        family->id = mnl_attr_get_u16(attribute);
    return MNL_CB_OK;
}

static int collect_family(const struct nlmsghdr *message, void *data)
{
    guint16 *idp = data;
    Family family = {0};

    if (mnl_nlmsg_get_payload_len(message) >= sizeof(struct genlmsghdr) &&
        mnl_attr_parse(message, sizeof(struct genlmsghdr), collect_attribute, &family) >= 0 &&
        family.name && strcmp(family.name, NL80211_GENL_NAME) == 0)
        *idp = family.id;
    return MNL_CB_OK;
}

/* 0 when there is none. */
static guint16 find_family(Rtnl *generic)
{
    RtnlMessage message;
    guint16 id = 0;

    generic_init(&message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
    rtnl_dump(generic, &message.header, collect_family, NULL, &id, "cannot list netlink's families",
              NULL);
    return id;
}

static int collect_interface(const struct nlmsghdr *message, void *data)
{
    *(bool *)data = true;
    return MNL_CB_OK;
}

bool wireless_is(Rtnl *generic, guint32 ifindex)
{
    guint16 family = find_family(generic);
    RtnlMessage message;
    bool answered = false;

    if (family == 0)
        return false;
    generic_init(&message, family, NL80211_CMD_GET_INTERFACE);
    mnl_attr_put_u32(&message.header, NL80211_ATTR_IFINDEX, ifindex);
    return rtnl_query(generic, &message.header, collect_interface, &answered,
                      "cannot ask whether a link is Wi-Fi", NULL) &&
           answered;
}
