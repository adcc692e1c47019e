/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the files that answer requests share: serve.c reads them and says no, serve-device.c makes
 * devices, serve-control.c shows and ends them and takes a policy.
 *
 * A function that answers returns FALSE with a REFUSAL, or any other error, which is the caller's
 * to tell.
 */
#pragma once

#include "daemon/serve.h"
#include "wire/request.h"

PolicySubject serve_subject(const Credentials *credentials);

/* The network that was asked for, or NULL: refused, with those that this caller may use. */
const PolicyNetwork *serve_find_network(const Service *service, const Credentials *credentials,
                                        const char *name, GError **error);

/* Only root may go on. */
gboolean serve_check_root(const Credentials *credentials, const char *what, GError **error);

void serve_write_reply(const Reply *reply, GString *text);
/* The reply that describes a device. */
void serve_write_device(const Service *service, const Device *device, GString *text);

gboolean serve_device(Service *service, const Credentials *credentials, const Request *request,
                      Answer *answer, GError **error);
/* Of a type without queues, into the client's netns; the policy has been asked. */
gboolean serve_place(Service *service, const Credentials *credentials, const PolicyNetwork *network,
                     DeviceType type, const Request *request, Answer *answer, GError **error);
/* Whether a client may give a device this name; "" is none. */
gboolean serve_check_name(const char *name, GError **error);
/* Only for root; see serve-host.c. */
gboolean serve_create(Service *service, const Credentials *credentials, const Request *request,
                      Answer *answer, GError **error);
/* The device of that name in the host's netns; NULL when there is none. */
Device *serve_find_on_host(const Service *service, const char *name);
void serve_list(const Service *service, const Credentials *credentials, Answer *answer);
void serve_watch(const Service *service, const Credentials *credentials, Answer *answer);
gboolean serve_release(Service *service, const Credentials *credentials, const Request *request,
                       Answer *answer, GError **error);
gboolean serve_revoke(Service *service, const Credentials *credentials, const Request *request,
                      Answer *answer, GError **error);
/* `waited` is how many others were served between this request and its answer. */
void serve_status(const Service *service, guint64 waited, Answer *answer);
gboolean serve_policy(Service *service, const Credentials *credentials, const char *text,
                      gsize size, Answer *answer, GError **error);
