/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Files: include in all its forms, ownership, modes, kinds of file, sizes. Each case writes its
 * files into a folder of its own and loads `policy` there. Files belong to whoever runs the test,
 * so that user is the one who must own them.
 */
#include "policy/file.h"
#include "policy/load.h"
#include "policy/parse.h"
#include "policy/explain.h"

#include "tests/policy-text.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *folder;
    LoadSystem system;
    GPtrArray *warnings;
    GError *error;
} World;

static void world_init(World *world)
{
    *world = (World){.folder = g_dir_make_tmp("ontap-policy-XXXXXX", NULL),
                     .warnings = g_ptr_array_new_with_free_func(g_free)};
    g_assert_nonnull(world->folder);
    world->system = (LoadSystem){
        .owner = geteuid(), .subuid_file = "/nonexistent/subuid", .names = &text_names};
}

static void remove_all(const char *path)
{
    g_autoptr(GDir) folder = NULL;
    const char *name;

    if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
        folder = g_dir_open(path, 0, NULL);
    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        remove_all(inside);
    }
    g_assert_cmpint(g_remove(path), ==, 0);
}

static void world_deinit(World *world)
{
    remove_all(world->folder);
    g_free(world->folder);
    g_ptr_array_unref(world->warnings);
    g_clear_error(&world->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, world_deinit)

static char *world_path(const World *world, const char *name)
{
    return g_build_filename(world->folder, name, NULL);
}

static void world_write(const World *world, const char *name, const char *text)
{
    g_autofree char *path = world_path(world, name);
    g_autofree char *folder = g_path_get_dirname(path);

    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, 0644), ==, 0);
}

static Policy *world_load(World *world, PolicyLoadFlags flags)
{
    g_autofree char *path = world_path(world, "policy");

    g_clear_error(&world->error);
    g_ptr_array_set_size(world->warnings, 0);
    return policy_load_on(&world->system, path, flags, world->warnings, &world->error);
}

/* The text with the folder's path written as @. */
static char *world_text(const World *world, const char *text)
{
    GString *shown = g_string_new(text);

    g_string_replace(shown, world->folder, "@", 0);
    return g_string_free(shown, FALSE);
}

static void world_refused(World *world, PolicyError code, const char *message)
{
    g_autoptr(Policy) policy = world_load(world, POLICY_LOAD_DEFAULT);
    g_autofree char *shown = NULL;

    g_assert_null(policy);
    shown = world_text(world, world->error->message);
    g_assert_cmpstr(shown, ==, message);
    g_assert_error(world->error, POLICY_ERROR, (gint)code);
}

typedef struct {
    const char *name;
    struct {
        const char *name;
        const char *text;
    } files[4];
    const char *message; /* NULL: valid */
    const char *networks;
} Case;

static const Case cases[] = {
    {"none", {{"policy", "network a parent=e\n"}}, NULL, "a"},
    {"relative",
     {{"policy", "include sub/one\n"},
      {"sub/one", "include two\nnetwork a parent=e\n"},
      {"two", "network b parent=e\n"}},
     NULL,
     "b a"},
    {"place",
     {{"policy", "network a parent=e\ninclude d/*.conf\nnetwork z parent=e\n"},
      {"d/b.conf", "network b parent=e"},
      {"d/B.conf", "network B parent=e"},
      {"d/a.txt", "nonsense"}},
     NULL,
     "a B b z"},
    {"order",
     {{"policy", "include d/*\n"},
      {"d/2", "network two parent=e"},
      {"d/10", "network ten parent=e"},
      {"d/.hidden", "nonsense"}},
     NULL,
     "ten two"},
    {"no-match", {{"policy", "include d/*.conf\ninclude none*\n"}, {"d/x", "y"}}, NULL, ""},
    {"no-folder", {{"policy", "include d/*.conf\n"}}, NULL, ""},
    {"twice-no-loop",
     {{"policy", "include a\ninclude a\nnetwork a parent=e\n"}, {"a", "deny user=guest\n"}},
     NULL,
     "a"},
    {"missing",
     {{"policy", "allow user=root\n  include d/x\n"}},
     "@/policy:2:11: '@/d/x' cannot be opened: No such file or directory"},
    {"missing-inside",
     {{"policy", "include x\n"}, {"x", "# x\ninclude y\n"}},
     "@/x:2:9: '@/y' cannot be opened: No such file or directory"},
    {"folder",
     {{"policy", "include d\n"}, {"d/x", ""}},
     "@/policy:1:9: '@/d' is not a regular file"},
    {"self", {{"policy", "include policy\n"}}, "@/policy:1:9: '@/policy' includes itself"},
    {"loop",
     {{"policy", "include a\n"}, {"a", "include b\n"}, {"b", "\ninclude d/../a\n"}, {"d/x", ""}},
     "@/b:2:9: '@/d/../a' includes itself"},
    {"loop-of-glob", {{"policy", "include pol*\n"}}, "@/policy:1:9: '@/policy' includes itself"},
    {"error-inside",
     {{"policy", "network a parent=e\ninclude x\n"}, {"x", "\n\ndeny who=x\n"}},
     "@/x:3:6: 'deny' has no key 'who'; valid are: user, group, network, type"},
    {"both-places",
     {{"policy", "network a parent=e\ninclude x\n"}, {"x", "\nnetwork a parent=f\n"}},
     "@/x:2:1: network 'a' a second time; it stands at @/policy:1"},
};

static void check_case(gconstpointer data)
{
    const Case *test = data;
    g_auto(World) world = {0};
    g_autoptr(Policy) policy = NULL;
    g_autoptr(GString) networks = g_string_new(NULL);

    world_init(&world);
    for (size_t i = 0; i < G_N_ELEMENTS(test->files) && test->files[i].name; i++)
        world_write(&world, test->files[i].name, test->files[i].text);
    policy = world_load(&world, POLICY_LOAD_DEFAULT);
    if (test->message) {
        g_autofree char *shown = NULL;

        g_assert_null(policy);
        shown = world_text(&world, world.error->message);
        g_assert_cmpstr(shown, ==, test->message);
        return;
    }
    g_assert_no_error(world.error);
    for (size_t i = 0; i < policy_n_networks(policy); i++)
        g_string_append_printf(networks, "%s%s", i ? " " : "", policy_network(policy, i)->name);
    g_assert_cmpstr(networks->str, ==, test->networks);
}

static void check_absolute(void)
{
    g_auto(World) world = {0};
    g_autoptr(Policy) policy = NULL;
    g_autofree char *text = NULL;

    world_init(&world);
    text = g_strdup_printf("include \"%s/x\"\n", world.folder);
    world_write(&world, "policy", text);
    world_write(&world, "x", "network a parent=e\n");
    policy = world_load(&world, POLICY_LOAD_DEFAULT);
    g_assert_no_error(world.error);
    g_assert_cmpuint(policy_n_networks(policy), ==, 1);
}

/* A name without a folder in it: the policy's folder is where the program runs. */
static void check_here(void)
{
    g_auto(World) world = {0};
    g_autoptr(Policy) policy = NULL;
    g_autofree char *before = g_get_current_dir();

    world_init(&world);
    world_write(&world, "policy", "include d/x\n");
    world_write(&world, "d/x", "network a parent=e\n");
    g_assert_cmpint(g_chdir(world.folder), ==, 0);
    policy = policy_load_on(&world.system, "policy", POLICY_LOAD_DEFAULT, NULL, &world.error);
    g_assert_cmpint(g_chdir(before), ==, 0);
    g_assert_no_error(world.error);
    g_assert_cmpstr(policy_network(policy, 0)->place.file, ==, "d/x");
}

static void check_depth(void)
{
    g_auto(World) world = {0};
    g_autoptr(Policy) policy = NULL;

    world_init(&world);
    world_write(&world, "policy", "include 2\n");
    for (int i = 2; i <= POLICY_INCLUDE_DEPTH_MAX; i++) {
        g_autofree char *name = g_strdup_printf("%d", i);
        g_autofree char *text = g_strdup_printf("include %d\n", i + 1);

        world_write(&world, name, text);
    }
    world_write(&world, "8", "");
    policy = world_load(&world, POLICY_LOAD_DEFAULT);
    g_assert_no_error(world.error);
    world_write(&world, "8", "include 9\n");
    world_write(&world, "9", "");
    world_refused(&world, POLICY_ERROR_SYNTAX,
                  "@/8:1:9: '@/9' is included too deep; at most 8 files may include one another");
}

static void check_many_files(void)
{
    g_auto(World) world = {0};

    world_init(&world);
    world_write(&world, "policy", "include d/*\n");
    for (int i = 1000; i < 1000 + POLICY_FILES_MAX; i++) {
        g_autofree char *name = g_strdup_printf("d/%d", i);

        world_write(&world, name, "");
    }
    world_refused(&world, POLICY_ERROR_SYNTAX,
                  "@/policy:1:9: '@/d/1255' is one file too many; a policy has at most 256");
}

static void check_many_statements(void)
{
    g_auto(World) world = {0};
    g_autoptr(Policy) policy = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    world_init(&world);
    for (int i = 0; i < POLICY_STATEMENTS_MAX; i++)
        g_string_append(text, "deny user=guest\n");
    world_write(&world, "policy", text->str);
    policy = world_load(&world, POLICY_LOAD_DEFAULT);
    g_assert_no_error(world.error);
    g_string_append(text, "deny user=guest\n");
    world_write(&world, "policy", text->str);
    world_refused(&world, POLICY_ERROR_SYNTAX, "@/policy:4097:1: more than 4096 statements");
}

static void check_size(void)
{
    g_auto(World) world = {0};
    g_autoptr(Policy) policy = NULL;
    g_autofree char *text = g_malloc(POLICY_FILE_SIZE_MAX + 2);

    world_init(&world);
    memset(text, '\n', POLICY_FILE_SIZE_MAX + 1);
    text[POLICY_FILE_SIZE_MAX] = '\0';
    world_write(&world, "policy", text);
    policy = world_load(&world, POLICY_LOAD_DEFAULT);
    g_assert_no_error(world.error);
    text[POLICY_FILE_SIZE_MAX] = '\n';
    text[POLICY_FILE_SIZE_MAX + 1] = '\0';
    world_write(&world, "policy", text);
    world_refused(&world, POLICY_ERROR_FILE, "@/policy: is larger than 1 MiB");
}

static void check_missing(void)
{
    g_auto(World) world = {0};

    world_init(&world);
    world_refused(&world, POLICY_ERROR_FILE,
                  "@/policy: cannot be opened: No such file or directory");
}

/* Must return at once, where a plain open() would wait for a writer. */
static void check_fifo(void)
{
    g_auto(World) world = {0};
    g_autofree char *path = NULL;

    world_init(&world);
    path = world_path(&world, "policy");
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    world_refused(&world, POLICY_ERROR_FILE, "@/policy: is not a regular file");
}

/* Root may open everything; somebody else may not. */
static void as_nobody(void)
{
    if (geteuid() == 0)
        g_assert_cmpint(seteuid(65534), ==, 0);
}

static void as_before(void)
{
    g_assert_cmpint(seteuid(getuid()), ==, 0);
}

static void check_unreadable(void)
{
    g_auto(World) world = {0};
    g_autofree char *path = NULL;

    as_nobody();
    world_init(&world);
    world_write(&world, "policy", "");
    path = world_path(&world, "policy");
    g_assert_cmpint(g_chmod(path, 0), ==, 0);
    world_refused(&world, POLICY_ERROR_FILE, "@/policy: cannot be opened: Permission denied");
    as_before();
}

static void check_unsearchable(void)
{
    g_auto(World) world = {0};
    g_autofree char *path = NULL;

    as_nobody();
    world_init(&world);
    world_write(&world, "policy", "include d/*\n");
    world_write(&world, "d/x", "deny user=guest\n");
    path = world_path(&world, "d");
    g_assert_cmpint(g_chmod(path, 0), ==, 0);
    world_refused(&world, POLICY_ERROR_SYNTAX,
                  "@/policy:1:9: a folder of '@/d/*' cannot be searched");
    g_assert_cmpint(g_chmod(path, 0700), ==, 0);
    as_before();
}

static void check_mode(void)
{
    static const struct {
        guint mode;
        const char *message;
    } modes[] = {
        {0664, "has mode 0664 and must be writable by"},
        {0646, "has mode 0646 and must be writable by"},
        {0644, NULL},
        {0400, NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_auto(World) world = {0};
        g_autoptr(Policy) policy = NULL;
        g_autofree char *path = NULL;

        world_init(&world);
        world_write(&world, "policy", "");
        path = world_path(&world, "policy");
        g_assert_cmpint(g_chmod(path, modes[i].mode), ==, 0);
        policy = world_load(&world, POLICY_LOAD_DEFAULT);
        g_assert_true((policy != NULL) == (modes[i].message == NULL));
        if (modes[i].message) {
            g_assert_error(world.error, POLICY_ERROR, POLICY_ERROR_FILE);
            g_assert_nonnull(strstr(world.error->message, modes[i].message));
        }
    }
}

static void check_owner(void)
{
    g_auto(World) world = {0};
    g_autoptr(Policy) draft = NULL;
    g_autofree char *wanted = g_strdup_printf(
        "@/policy: belongs to uid %u and must belong to uid 4242", (unsigned)geteuid());
    g_autofree char *warned = g_strdup_printf(
        "@/policy: ontapd will refuse it: it belongs to uid %u and must belong to uid 4242",
        (unsigned)geteuid());
    g_autofree char *shown = NULL;

    world_init(&world);
    world.system.owner = 4242;
    world_write(&world, "policy", "network a parent=e\nallow user=root\n");
    world_refused(&world, POLICY_ERROR_FILE, wanted);
    draft = world_load(&world, POLICY_LOAD_ANY_OWNER);
    g_assert_no_error(world.error);
    g_assert_cmpuint(world.warnings->len, ==, 1);
    shown = world_text(&world, g_ptr_array_index(world.warnings, 0));
    g_assert_cmpstr(shown, ==, warned);
}

/* The file that is opened counts, not the link, and an included one counts as much. */
static void check_included_mode(void)
{
    g_auto(World) world = {0};
    g_autofree char *path = NULL;
    g_autofree char *link_path = NULL;
    g_autofree char *owner = g_strdup(geteuid() == 0 ? "root" : NULL);
    g_autofree char *wanted = NULL;
    g_autoptr(Policy) policy = NULL;

    if (!owner)
        owner = g_strdup_printf("uid %u", (unsigned)geteuid());
    wanted = g_strdup_printf("@/policy:1:9: '@/link' has mode 0666 and must be writable by %s only "
                             "(chmod go-w)",
                             owner);
    world_init(&world);
    world_write(&world, "policy", "include link\n");
    world_write(&world, "target", "network a parent=e\n");
    path = world_path(&world, "target");
    link_path = world_path(&world, "link");
    g_assert_cmpint(symlink(path, link_path), ==, 0);
    policy = world_load(&world, POLICY_LOAD_DEFAULT);
    g_assert_no_error(world.error);
    g_assert_cmpint(g_chmod(path, 0666), ==, 0);
    world_refused(&world, POLICY_ERROR_FILE, wanted);
}

static void check_subuid(void)
{
    g_auto(World) world = {0};
    g_autoptr(Policy) policy = NULL;
    g_autoptr(Policy) second = NULL;
    g_autofree char *path = NULL;

    world_init(&world);
    path = world_path(&world, "subuid");
    world.system.subuid_file = path;
    world_write(&world, "policy", "deny user=guest\n");
    world_write(&world, "subuid", "guest:100000:65536\n1000:165536:65536");
    policy = world_load(&world, POLICY_LOAD_DEFAULT);
    g_assert_no_error(world.error);
    g_assert_cmpuint(policy_owner(policy, 100007), ==, 1002);
    g_assert_cmpuint(policy_owner(policy, 165536), ==, 1000);
    g_assert_cmpint(g_remove(path), ==, 0);
    g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
    second = world_load(&world, POLICY_LOAD_DEFAULT);
    g_assert_null(second);
    g_assert_nonnull(strstr(world.error->message, "subuid: is not a regular file"));
}

/* The line is quoted from the file in which it stands, although another has as many lines. */
static void check_source(void)
{
    g_auto(World) world = {0};
    g_autoptr(Policy) policy = NULL;
    PolicySubject subject = {.uid = 1002, .gid = 1002};
    PolicyDecision decision;

    world_init(&world);
    world_write(&world, "policy", "network a parent=e\nallow user=root\ninclude x\n");
    world_write(&world, "x", "\n\t deny  user=guest # no\r\n");
    policy = world_load(&world, POLICY_LOAD_DEFAULT);
    g_assert_no_error(world.error);
    policy_decide(policy, &subject, policy_network(policy, 0), DEVICE_IPVTAP, &decision);
    g_assert_cmpstr(policy_source(policy, decision.place), ==, "deny  user=guest # no");
}

/* The system's own user database knows root, and ids need none. */
static void check_system_names(void)
{
    uid_t uid = 1;
    gid_t gid = 1;

    g_assert_true(resolve_user(&name_source_system, "root", &uid));
    g_assert_cmpuint(uid, ==, 0);
    g_assert_true(resolve_group(&name_source_system, "root", &gid));
    g_assert_cmpuint(gid, ==, 0);
    g_assert_false(resolve_user(&name_source_system, "no such user", &uid));
    g_assert_false(resolve_group(&name_source_system, "no such group", &gid));
    g_assert_true(resolve_user(&name_source_system, "4294967294", &uid));
    g_assert_cmpuint(uid, ==, 4294967294u);
    g_assert_false(resolve_user(&name_source_system, "4294967295", &uid));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/policy/include/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], check_case);
    }
    g_test_add_func("/policy/include/absolute", check_absolute);
    g_test_add_func("/policy/include/here", check_here);
    g_test_add_func("/policy/include/depth", check_depth);
    g_test_add_func("/policy/include/mode", check_included_mode);
    g_test_add_func("/policy/include/many-files", check_many_files);
    g_test_add_func("/policy/include/unsearchable", check_unsearchable);
    g_test_add_func("/policy/file/many-statements", check_many_statements);
    g_test_add_func("/policy/file/size", check_size);
    g_test_add_func("/policy/file/missing", check_missing);
    g_test_add_func("/policy/file/fifo", check_fifo);
    g_test_add_func("/policy/file/unreadable", check_unreadable);
    g_test_add_func("/policy/file/mode", check_mode);
    g_test_add_func("/policy/file/owner", check_owner);
    g_test_add_func("/policy/file/subuid", check_subuid);
    g_test_add_func("/policy/file/source", check_source);
    g_test_add_func("/policy/names/system", check_system_names);
    return g_test_run();
}
