/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From files to a Policy: reads the policy and what it includes into one tree, reads /etc/subuid,
 * and has both assembled. This is the only file of the folder that knows of include's file system.
 *
 * An include is replaced by the statements of its files, in the order of the files' names as bytes,
 * whatever the locale. What a user could have written rejects the policy, in an included file too,
 * and a folder that cannot be searched is an error: a rule that silently is not there may be a
 * `deny`. A loop is told by device and inode, which no other path to the same file can hide.
 */
#include "policy/load.h"

#include "policy/assemble.h"
#include "policy/file.h"
#include "policy/names.h"
#include "policy/parse.h"
#include "policy/place.h"
#include "policy/subuid.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

typedef struct OpenFile OpenFile;

/* A file that is being read; the one that includes it is above. */
struct OpenFile {
    const OpenFile *above;
    guint depth;
    dev_t device;
    ino_t inode;
};

typedef struct {
    const LoadSystem *system;
    PolicyLoadFlags flags;
    GPtrArray *warnings;
    Tree *tree;
    char *folder; /* of the policy */
    const OpenFile *open;
} Loader;

static gboolean load_file(Loader *loader, const char *file, const PolicyPlace *from,
                          GError **error);

/* A complaint about a file as a whole: with its name, and the include that named it, if any. */
static void prefix_file(GError **error, const char *file, const PolicyPlace *from)
{
    if (from)
        g_prefix_error(error, "%s:%u:%u: '%s' ", from->file, from->line, from->column, file);
    else
        g_prefix_error(error, "%s: ", file);
}

static gboolean check_trust(const Loader *loader, const char *file, const struct stat *status,
                            GError **error)
{
    g_autofree char *why = NULL;

    if (file_is_trusted(status, loader->system->owner, &why))
        return TRUE;
    if (loader->flags & POLICY_LOAD_ANY_OWNER) {
        if (loader->warnings)
            g_ptr_array_add(loader->warnings,
                            g_strdup_printf("%s: ontapd will refuse it: it %s", file, why));
        return TRUE;
    }
    g_set_error_literal(error, POLICY_ERROR, POLICY_ERROR_FILE, why);
    return FALSE;
}

static gboolean check_loop(const OpenFile *open, GError **error)
{
    for (const OpenFile *above = open->above; above; above = above->above) {
        if (above->device == open->device && above->inode == open->inode) {
            g_set_error_literal(error, POLICY_ERROR, POLICY_ERROR_SYNTAX, "includes itself");
            return FALSE;
        }
    }
    if (open->depth > POLICY_INCLUDE_DEPTH_MAX) {
        g_set_error(error, POLICY_ERROR, POLICY_ERROR_SYNTAX,
                    "is included too deep; at most %d files may include one another",
                    POLICY_INCLUDE_DEPTH_MAX);
        return FALSE;
    }
    return TRUE;
}

static int by_bytes(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* A folder that is not there holds no match; one that cannot be read may hold a deny. */
static int glob_failed(const char *path, int code)
{
    return code != ENOENT && code != ENOTDIR;
}

static gboolean load_pattern(Loader *loader, const char *pattern, const PolicyPlace *place,
                             GError **error)
{
    glob_t found = {0};
    int result = glob(pattern, GLOB_NOSORT, glob_failed, &found);
    gboolean loaded = result == 0 || result == GLOB_NOMATCH;

    if (!loaded)
        policy_fail(error, place, "a folder of '%s' cannot be searched", pattern);
    if (result == 0)
        qsort(found.gl_pathv, found.gl_pathc, sizeof *found.gl_pathv, by_bytes);
    for (size_t i = 0; loaded && result == 0 && i < found.gl_pathc; i++)
        loaded = load_file(loader, found.gl_pathv[i], place, error);
    globfree(&found);
    return loaded;
}

static gboolean include(Loader *loader, const Statement *statement, GError **error)
{
    const Item *item = statement->argument;
    g_autofree char *path = NULL;

    if (g_path_is_absolute(item->text) || g_str_equal(loader->folder, "."))
        path = g_strdup(item->text);
    else
        path = g_build_filename(loader->folder, item->text, NULL);
    if (strpbrk(item->text, "*?["))
        return load_pattern(loader, path, &item->place, error);
    return load_file(loader, path, &item->place, error);
}

static gboolean take(Statement *taken, gpointer data, GError **error)
{
    g_autoptr(Statement) statement = taken;
    Loader *loader = data;

    if (statement->kind == STATEMENT_INCLUDE)
        return include(loader, statement, error);
    if (loader->tree->statements->len >= POLICY_STATEMENTS_MAX)
        return policy_fail(error, &statement->place, "more than %d statements",
                           POLICY_STATEMENTS_MAX);
    g_ptr_array_add(loader->tree->statements, g_steal_pointer(&statement));
    return TRUE;
}

/* The file's bytes, if it may be read now. */
static gboolean open_file(Loader *loader, const char *file, OpenFile *open, char **textp,
                          gsize *sizep, GError **error)
{
    struct stat status;

    if (loader->tree->files->len >= POLICY_FILES_MAX) {
        g_set_error(error, POLICY_ERROR, POLICY_ERROR_SYNTAX,
                    "is one file too many; a policy has at most %d", POLICY_FILES_MAX);
        return FALSE;
    }
    if (!file_read(file, textp, sizep, &status, error) ||
        !check_trust(loader, file, &status, error))
        return FALSE;
    *open = (OpenFile){.above = loader->open,
                       .depth = loader->open ? loader->open->depth + 1 : 1,
                       .device = status.st_dev,
                       .inode = status.st_ino};
    return check_loop(open, error);
}

static gboolean load_file(Loader *loader, const char *file, const PolicyPlace *from, GError **error)
{
    g_autofree char *text = NULL;
    gsize size = 0;
    OpenFile open;
    gboolean parsed;

    if (!open_file(loader, file, &open, &text, &size, error)) {
        prefix_file(error, file, from);
        return FALSE;
    }
    loader->open = &open;
    parsed = policy_parse(tree_add_file(loader->tree, file), text, size, take, loader, error);
    loader->open = open.above;
    return parsed;
}

/* A machine without the file has no subordinate uids. One whose file cannot be read has some that
 * are not known, and then deny and quotas could be got round. */
static gboolean load_subuids(const LoadSystem *system, GArray *ranges, GPtrArray *warnings,
                             GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) failure = NULL;
    struct stat status;
    gsize size = 0;

    if (!g_file_test(system->subuid_file, G_FILE_TEST_EXISTS))
        return TRUE;
    if (!file_read(system->subuid_file, &text, &size, &status, &failure)) {
        g_propagate_prefixed_error(error, g_steal_pointer(&failure), "%s: ", system->subuid_file);
        return FALSE;
    }
    subuid_parse(ranges, system->subuid_file, text, size, system->names, warnings);
    return TRUE;
}

Policy *policy_load_on(const LoadSystem *system, const char *file, PolicyLoadFlags flags,
                       GPtrArray *warnings, GError **error)
{
    g_autoptr(Tree) tree = tree_new();
    g_autoptr(GArray) subuids = g_array_new(FALSE, FALSE, sizeof(SubuidRange));
    g_autofree char *folder = g_path_get_dirname(file);
    Loader loader = {
        .system = system, .flags = flags, .warnings = warnings, .tree = tree, .folder = folder};

    if (!load_file(&loader, file, NULL, error) || !load_subuids(system, subuids, warnings, error))
        return NULL;
    Policy *policy = policy_assemble(g_steal_pointer(&tree), g_steal_pointer(&subuids),
                                     system->names, flags, warnings, error);
    if (policy && system->passwd_file)
        names_add_file(policy->users, system->passwd_file);
    return policy;
}

Policy *policy_load(const char *file, PolicyLoadFlags flags, GPtrArray *warnings, GError **error)
{
    static const LoadSystem system = {
        .owner = 0,
        .subuid_file = "/etc/subuid",
        .names = &name_source_system,
        .passwd_file = "/etc/passwd",
    };

    return policy_load_on(&system, file, flags, warnings, error);
}
