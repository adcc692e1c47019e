/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Which devices of ours a domain of libvirt's wants, read from its XML. A domain says so in its
 * metadata, in a namespace of ours, and names there the targets of its interfaces:
 *
 *     <metadata>
 *       <ontap:interfaces xmlns:ontap='urn:ontap:libvirt'>
 *         <ontap:interface dev='web0' network='lan'/>
 *       </ontap:interfaces>
 *     </metadata>
 *     …
 *     <interface type='ethernet'>
 *       <target dev='web0' managed='no'/>
 *       <driver queues='2'/>
 *     </interface>
 */
#pragma once

#include "wire/device.h"

#include <glib.h>

#define DOMAIN_NAMESPACE "urn:ontap:libvirt"

typedef struct {
    char dev[DEVICE_IFNAME_SIZE];      /* a device's name, see device_name_valid() */
    char network[DEVICE_NAME_MAX + 1]; /* "": the default network */
    guint queues;                      /* 1 to DEVICE_QUEUES_MAX */
} DomainDevice;

/* The devices in the order of the metadata: none when the domain is not ours, whatever its
 * interfaces are. NULL with `error`, one line for whoever starts the domain, when the XML cannot be
 * read or what it says of us is not clear: a word that is not known, a device that no interface or
 * more than one uses. Free with g_array_unref(). */
GArray *domain_devices(const char *xml, gsize size, GError **error);
