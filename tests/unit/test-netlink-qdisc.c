/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * clsact and its classifiers against the running kernel, with the smallest eBPF programs.
 */
#include "netlink/link.h"
#include "netlink/qdisc.h"
#include "netns.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A classifier that returns `verdict`, or -1 and the test skipped where that is not permitted. */
static int load(int verdict)
{
    const struct bpf_insn code[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = verdict},
        {.code = BPF_JMP | BPF_EXIT},
    };
    union bpf_attr attributes = {.prog_type = BPF_PROG_TYPE_SCHED_CLS,
                                 .insns = (guintptr)code,
                                 .insn_cnt = G_N_ELEMENTS(code),
                                 .license = (guintptr) "MIT"};
    int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);

    if (fd < 0) {
        g_assert_true(errno == EPERM || errno == ENOSYS);
        g_test_skip("no permission to load eBPF programs");
    }
    return fd;
}

static guint32 program_id(int fd)
{
    struct bpf_prog_info info = {0};
    union bpf_attr attributes = {
        .info = {.bpf_fd = (guint32)fd, .info_len = sizeof info, .info = (guintptr)&info}};

    g_assert_cmpint(syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attributes, sizeof attributes), ==,
                    0);
    return info.id;
}

static void add_qdisc(Rtnl *rtnl, const char *kind)
{
    g_autoptr(GError) error = NULL;
    RtnlMessage message;
    struct tcmsg *header =
        rtnl_message_init(&message, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, sizeof *header);

    header->tcm_ifindex = NETNS_PARENT;
    header->tcm_parent = TC_H_INGRESS;
    header->tcm_handle = TC_H_MAKE(TC_H_INGRESS, 0);
    mnl_attr_put_strz(&message.header, TCA_KIND, kind);
    rtnl_request(rtnl, &message.header, kind, &error);
    g_assert_no_error(error);
}

/* False, and the test marked as skipped, when the kernel was built without clsact. */
static bool add_clsact(Rtnl *rtnl)
{
    g_autoptr(GError) error = NULL;

    if (!qdisc_add_clsact(rtnl, NETNS_PARENT, &error) &&
        g_error_matches(error, RTNL_ERROR, ENOENT)) {
        g_test_skip("this kernel has no clsact");
        return false;
    }
    g_assert_no_error(error);
    return true;
}

static void test_clsact(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    GError *error = NULL;

    if (!rtnl || !add_clsact(rtnl))
        return;
    qdisc_add_clsact(rtnl, NETNS_PARENT, &error); /* it is there */
    g_assert_no_error(error);
    qdisc_delete_clsact(rtnl, NETNS_PARENT, &error);
    g_assert_no_error(error);
    g_assert_false(qdisc_delete_clsact(rtnl, NETNS_PARENT, &error));
    g_assert_true(g_error_matches(error, RTNL_ERROR, ENOENT) ||
                  g_error_matches(error, RTNL_ERROR, EINVAL));
    g_clear_error(&error);
    netns_assert_failed(qdisc_add_clsact(rtnl, 4711, &error), &error, ENODEV,
                        "cannot add clsact to link 4711: No such device");
    add_qdisc(rtnl, "ingress"); /* sits where clsact would */
    netns_assert_failed(qdisc_add_clsact(rtnl, NETNS_PARENT, &error), &error, EEXIST, NULL);
}

static void test_attach(gconstpointer data)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    Classifier ours = {.ifindex = NETNS_PARENT,
                       .egress = GPOINTER_TO_INT(data),
                       .priority = 10,
                       .handle = 7,
                       .name = "ontap-test"};
    Classifier found, second = ours;
    GError *error = NULL;
    int programs[2];

    if (!rtnl || !add_clsact(rtnl) || (programs[0] = load(0)) < 0)
        return;
    programs[1] = load(-1);
    netns_assert_failed(
        classifier_find(rtnl, NETNS_PARENT, ours.egress, "ontap-test", &found, &error), &error,
        ENOENT, "link 77 has no classifier ontap-test");
    classifier_attach(rtnl, &ours, programs[0], false, &error);
    g_assert_no_error(error);
    classifier_find(rtnl, NETNS_PARENT, ours.egress, "ontap-test", &found, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(found.ifindex, ==, NETNS_PARENT);
    g_assert_cmpint(found.egress, ==, ours.egress);
    g_assert_cmpuint(found.priority, ==, 10);
    g_assert_cmpuint(found.handle, ==, 7);
    g_assert_cmpuint(found.program, ==, program_id(programs[0]));
    g_assert_false(classifier_find(rtnl, NETNS_PARENT, !ours.egress, "ontap-test", &found, NULL));

    netns_assert_failed(classifier_attach(rtnl, &ours, programs[1], false, &error), &error, EEXIST,
                        "cannot attach classifier ontap-test at the ");
    classifier_attach(rtnl, &ours, programs[1], true, &error);
    g_assert_no_error(error);
    g_assert_true(classifier_find(rtnl, NETNS_PARENT, ours.egress, "ontap-test", &found, NULL));
    g_assert_cmpuint(found.program, ==, program_id(programs[1]));

    second.priority = 11;
    g_strlcpy(second.name, "another", sizeof second.name);
    classifier_attach(rtnl, &second, programs[0], true, &error); /* replacing none adds */
    g_assert_no_error(error);
    {
        g_autoptr(GArray) all = classifier_list(rtnl, NETNS_PARENT, ours.egress, &error);

        g_assert_no_error(error);
        g_assert_cmpuint(all->len, ==, 2);
    }
    classifier_detach(rtnl, &second, &error);
    g_assert_no_error(error);
    g_assert_false(classifier_detach(rtnl, &second, &error));
    g_assert_true(g_error_matches(error, RTNL_ERROR, ENOENT) ||
                  g_error_matches(error, RTNL_ERROR, EINVAL));
    g_clear_error(&error);
    g_assert_false(classifier_attach(rtnl, &ours, 0, true, &error)); /* no program */
    g_assert_nonnull(error);
    g_clear_error(&error);

    qdisc_delete_clsact(rtnl, NETNS_PARENT, &error);
    g_assert_no_error(error);
    {
        g_autoptr(GArray) all = classifier_list(rtnl, NETNS_PARENT, ours.egress, &error);

        g_assert_no_error(error);
        g_assert_cmpuint(all->len, ==, 0);
    }
    g_assert_false(classifier_attach(rtnl, &ours, programs[0], true, &error));
    g_assert_nonnull(error);
    g_test_message("without clsact: %s", error->message);
    g_clear_error(&error);
    close(programs[0]);
    close(programs[1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/netlink/qdisc/clsact", test_clsact);
    g_test_add_data_func("/netlink/qdisc/classifier/ingress", GINT_TO_POINTER(0), test_attach);
    g_test_add_data_func("/netlink/qdisc/classifier/egress", GINT_TO_POINTER(1), test_attach);
    return g_test_run();
}
