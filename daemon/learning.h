/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The learner proposes, the daemon disposes: what a proposal comes to. Every rule about who may
 * have which address is kept here, whatever the learner believes, and only what the kernel has
 * accepted is true.
 */
#pragma once

#include "daemon/service.h"
#include "learner/proposal.h"

/* Judges a proposal, does what it asks for or not, and tells the learner. */
void learning_propose(Service *service, const Proposal *proposal);

/* The host or a router has this address now: no guest may. */
void learning_taken(Service *service, const IpAddress *ip);

/* The kernel says that an address of a tap has gone. */
void learning_expired(Service *service, const Address *address);

/* The policy is another: takes away what it forbids. */
void learning_review(Service *service, const Device *device);

/* The kernel's messages about addresses were lost: asks which are gone. FALSE when it does not
 * say. */
gboolean learning_refresh(Service *service, GError **error);

/* Reads the kernel's addresses of all devices, after a start. */
gboolean learning_restore(Service *service, GError **error);

/* The device has gone, and its addresses with it. */
void learning_forget(Service *service, const Device *device);
