/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Loading, pinning and finding again.
 *
 * The order of pins makes a crash between any two of them harmless: maps first, programs last. A
 * program that is found therefore belongs to the maps that are found; and where a map is missing or
 * has another shape than ours, all of the folder is removed before anything new is pinned. Removing
 * a pin hurts no guest: an attached program keeps itself and its maps alive.
 *
 * Programs are found by a hash of the object they come from. So the next build with a repaired
 * program does not take over the broken one, and the same build loads nothing.
 */
#include "translate/load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "macs.object.h"

#define BPF_FS 0xcafe4a11 /* BPF_FS_MAGIC, linux/magic.h since 4.9 */

static const char *const map_names[] = {"taps", "bindings", "claims", "learned"};
#define MAPS G_N_ELEMENTS(map_names)

static const char *const program_names[] = {"egress", "ingress"};
#define PROGRAMS G_N_ELEMENTS(program_names)

typedef struct {
    char *folder;
    char hash[13];
    int maps[MAPS];
    int programs[PROGRAMS];
} Store;

G_DEFINE_QUARK(translate - error - quark, translate_error)

void translate_set_error(GError **error, int result, const char *what)
{
    switch (-result) {
    case ENOSYS:
    case EOPNOTSUPP:
        g_set_error(error, TRANSLATE_ERROR, TRANSLATE_ERROR_UNSUPPORTED,
                    "cannot %s: this kernel has no eBPF", what);
        break;
    case EINVAL:
        g_set_error(error, TRANSLATE_ERROR, TRANSLATE_ERROR_UNSUPPORTED,
                    "cannot %s: this kernel's eBPF is too old (Linux 5.10 is needed)", what);
        break;
    case EPERM:
        g_set_error(error, TRANSLATE_ERROR, TRANSLATE_ERROR_DENIED,
                    "cannot %s: %s (root or CAP_BPF and CAP_NET_ADMIN are needed, and kernel "
                    "lockdown must be off)",
                    what, g_strerror(-result));
        break;
    case EACCES: /* of a program: a fault of ours, or of this kernel's verifier */
        g_set_error(error, TRANSLATE_ERROR, TRANSLATE_ERROR_FAILED,
                    "cannot %s: the kernel does not accept them (debug messages say why)", what);
        break;
    default:
        g_set_error(error, TRANSLATE_ERROR, TRANSLATE_ERROR_FAILED, "cannot %s: %s", what,
                    g_strerror(-result));
    }
}

static void close_all(int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
    }
}

static void store_deinit(Store *store)
{
    close_all(store->maps, MAPS);
    close_all(store->programs, PROGRAMS);
    g_free(store->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Store, store_deinit)

static char *map_path(const Store *store, size_t i)
{
    return g_build_filename(store->folder, map_names[i], NULL);
}

static char *program_path(const Store *store, size_t i)
{
    return g_strdup_printf("%s/%s-%s", store->folder, program_names[i], store->hash);
}

/* Removes the pins in a folder: all of them, or those of programs only; but never `keep`'s. */
static void unpin(const char *folder, bool programs_only, const char *keep)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if ((programs_only && !strchr(name, '-')) || (keep && g_str_has_suffix(name, keep)))
            continue;
        unlink(path);
    }
}

/* Layouts of other versions: their programs, where attached, run on until they are replaced. */
static void remove_other_layouts(const char *root, const char *ours)
{
    g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(root, name, NULL);

        if (strcmp(path, ours) == 0)
            continue;
        unpin(path, false, NULL);
        rmdir(path);
    }
}

static bool make_folder(const char *root, const char *folder, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(root);
    struct statfs fs;

    if (statfs(root, &fs) != 0 && (errno != ENOENT || statfs(parent, &fs) != 0)) {
        g_set_error(error, TRANSLATE_ERROR, TRANSLATE_ERROR_FAILED, "cannot look at %s: %s", root,
                    g_strerror(errno));
        return false;
    }
    if ((uint32_t)fs.f_type != BPF_FS) {
        g_set_error(error, TRANSLATE_ERROR, TRANSLATE_ERROR_FAILED,
                    "%s is not on a bpf file system (mount -t bpf bpf %s)", root, parent);
        return false;
    }
    if ((mkdir(root, 0700) != 0 && errno != EEXIST) ||
        (mkdir(folder, 0700) != 0 && errno != EEXIST)) {
        g_set_error(error, TRANSLATE_ERROR,
                    errno == EACCES || errno == EPERM ? TRANSLATE_ERROR_DENIED
                                                      : TRANSLATE_ERROR_FAILED,
                    "cannot make %s: %s", folder, g_strerror(errno));
        return false;
    }
    return true;
}

static bool same_shape(int fd, const struct bpf_map *map)
{
    struct bpf_map_info info = {0};
    uint32_t size = sizeof(info);

    return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.type == bpf_map__type(map) &&
           info.key_size == bpf_map__key_size(map) && info.value_size == bpf_map__value_size(map) &&
           info.max_entries == bpf_map__max_entries(map) &&
           info.map_flags == bpf_map__map_flags(map);
}

/* All maps or none: false when one is missing or of another shape, with none open. */
static bool find_maps(Store *store, struct bpf_object *object)
{
    for (size_t i = 0; i < MAPS; i++) {
        g_autofree char *path = map_path(store, i);

        store->maps[i] = bpf_obj_get(path);
        if (store->maps[i] < 0 ||
            !same_shape(store->maps[i], bpf_object__find_map_by_name(object, map_names[i]))) {
            close_all(store->maps, MAPS);
            return false;
        }
    }
    return true;
}

static bool find_programs(Store *store)
{
    for (size_t i = 0; i < PROGRAMS; i++) {
        g_autofree char *path = program_path(store, i);

        store->programs[i] = bpf_obj_get(path);
        if (store->programs[i] < 0) {
            close_all(store->programs, PROGRAMS);
            return false;
        }
    }
    return true;
}

/* The descriptors of a bpf_object die with it, those in the store must not. */
static int keep(int fd)
{
    return fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static bool load(Store *store, struct bpf_object *object, bool have_maps, GError **error)
{
    int result;

    for (size_t i = 0; have_maps && i < MAPS; i++) {
        result =
            bpf_map__reuse_fd(bpf_object__find_map_by_name(object, map_names[i]), store->maps[i]);
        if (result < 0) {
            translate_set_error(error, result, "use the eBPF maps that are there");
            return false;
        }
    }
    result = bpf_object__load(object);
    if (result < 0) {
        translate_set_error(error, result, "load the eBPF programs");
        return false;
    }
    for (size_t i = 0; !have_maps && i < MAPS; i++) {
        g_autofree char *path = map_path(store, i);

        store->maps[i] = keep(bpf_map__fd(bpf_object__find_map_by_name(object, map_names[i])));
        result = bpf_obj_pin(store->maps[i], path);
        if (result < 0) {
            translate_set_error(error, result, "pin an eBPF map");
            return false;
        }
    }
    for (size_t i = 0; i < PROGRAMS; i++) {
        g_autofree char *path = program_path(store, i);
        g_autofree char *name = g_strconcat("macs_", program_names[i], NULL);

        unlink(path); /* one of the two may be there, from a crash */
        store->programs[i] = keep(bpf_program__fd(bpf_object__find_program_by_name(object, name)));
        result = bpf_obj_pin(store->programs[i], path);
        if (result < 0) {
            translate_set_error(error, result, "pin an eBPF program");
            return false;
        }
    }
    return true;
}

/* libbpf's own words go where debugging can find them; the user gets one sentence from us. */
static int G_GNUC_PRINTF(2, 0)
    print_debug(enum libbpf_print_level level, const char *format, va_list args)
{
    if (level == LIBBPF_WARN)
        g_logv("libbpf", G_LOG_LEVEL_DEBUG, format, args);
    return 0;
}

static bool find_or_load(Store *store, GError **error)
{
    LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "ontap");
    struct bpf_object *object = bpf_object__open_mem(macs_object, sizeof(macs_object), &options);
    bool have_maps, done = true;

    if (!object) {
        translate_set_error(error, -errno, "read the eBPF object in this build");
        return false;
    }
    have_maps = find_maps(store, object);
    if (!have_maps)
        unpin(store->folder, false, NULL);
    if (!have_maps || !find_programs(store))
        done = load(store, object, have_maps, error);
    bpf_object__close(object);
    return done;
}

Translate *translate_open(const char *root, GError **error)
{
    g_auto(Store) store = {.maps = {-1, -1, -1, -1}, .programs = {-1, -1}};
    g_autofree char *hash =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, macs_object, sizeof(macs_object));
    g_autoptr(Translate) translate = NULL;
    const uint32_t nobody = 0;
    int result;

    libbpf_set_print(print_debug);
    g_strlcpy(store.hash, hash, sizeof(store.hash));
    store.folder = g_strdup_printf("%s/%u", root, MACS_LAYOUT);
    if (!make_folder(root, store.folder, error) || !find_or_load(&store, error))
        return NULL;
    unpin(store.folder, true, store.hash);
    remove_other_layouts(root, store.folder);

    translate = g_new(Translate, 1);
    *translate = (Translate){
        .egress = g_steal_fd(&store.programs[0]),
        .ingress = g_steal_fd(&store.programs[1]),
        .taps = g_steal_fd(&store.maps[0]),
        .bindings = g_steal_fd(&store.maps[1]),
        .claims = g_steal_fd(&store.maps[2]),
        .learned = g_steal_fd(&store.maps[3]),
    };
    result = bpf_map_update_elem(translate->taps, &nobody, &(MacsTap){0}, BPF_NOEXIST);
    if (result < 0 && result != -EEXIST) {
        translate_set_error(error, result, "write to an eBPF map");
        return NULL;
    }
    return g_steal_pointer(&translate);
}

void translate_free(Translate *translate)
{
    if (!translate)
        return;
    close_all((int[]){translate->egress, translate->ingress, translate->taps, translate->bindings,
                      translate->claims, translate->learned},
              PROGRAMS + MAPS);
    g_free(translate);
}

bool translate_chown(const char *root, uid_t uid, gid_t gid, GError **error)
{
    g_autofree char *folder = g_strdup_printf("%s/%u", root, MACS_LAYOUT);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
    const char *name;
    bool done = dir != NULL;

    if (!dir)
        return false;
    done = lchown(root, uid, gid) == 0 && lchown(folder, uid, gid) == 0;
    while (done && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        done = lchown(path, uid, gid) == 0;
    }
    if (!done)
        translate_set_error(error, -errno, "give the pinned eBPF objects away");
    return done;
}
