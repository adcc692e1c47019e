/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Runs a fuzz target without a fuzzer: over each file of a corpus folder, and over some thousand
 * mutations of them that are the same in every run. So every build, with any compiler, repeats
 * what fuzzing once found, and a bit of what it would find.
 *
 *     replay-NAME FOLDER      all of it
 *     replay-NAME FILE        this one input as it is
 *
 * The input that ends the program is left in replay-NAME.crash when the folder can be written to.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#define INPUT_MAX 65536
#define MUTATIONS 20000 /* of all files together */

typedef struct {
    uint8_t *data; /* of exactly `size` bytes, so that a sanitizer sees a read behind it */
    size_t size;
} Input;

static const Input *running;
static char crash_path[4096];

/* Keeps the input, then dies of the same signal. Only what a signal handler may call. */
static void on_crash(int signal_number)
{
    int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd >= 0 && running)
        (void)!write(fd, running->data, running->size);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void run(const Input *input)
{
    running = input;
    LLVMFuzzerTestOneInput(input->data, input->size);
    running = NULL;
}

static void *must(void *pointer, const char *what)
{
    if (!pointer) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
    }
    return pointer;
}

static Input input_new(const uint8_t *data, size_t size)
{
    Input input = {.data = must(malloc(size > 0 ? size : 1), "malloc"), .size = size};

    if (size > 0)
        memcpy(input.data, data, size);
    return input;
}

static Input read_input(const char *path)
{
    static uint8_t buffer[INPUT_MAX];
    FILE *file = must(fopen(path, "rbe"), path);
    size_t size = fread(buffer, 1, sizeof(buffer), file);

    fclose(file);
    return input_new(buffer, size);
}

/* xorshift64: good enough, and the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* One to eight small changes: a byte, a bit, bytes taken out, bytes doubled, bytes of another
 * input, a shorter input. */
static Input mutate(const Input *input, const Input *other, uint64_t *random)
{
    static uint8_t bytes[2 * INPUT_MAX];
    size_t size = input->size;

    memcpy(bytes, input->data, size);
    for (uint64_t left = next_random(random) % 8 + 1; left > 0; left--) {
        size_t at = size > 0 ? next_random(random) % size : 0;
        size_t n = next_random(random) % 16;

        switch (size > 0 ? next_random(random) % 6 : 4) {
        case 0:
            bytes[at] = (uint8_t)next_random(random);
            break;
        case 1:
            bytes[at] ^= (uint8_t)(1u << n % 8);
            break;
        case 2:
            n = n < size - at ? n : size - at;
            memmove(bytes + at, bytes + at + n, size - at - n);
            size -= n;
            break;
        case 3:
            n = n < size - at ? n : size - at;
            n = n < INPUT_MAX - size ? n : INPUT_MAX - size;
            memmove(bytes + at + n, bytes + at, size - at);
            size += n;
            break;
        case 4:
            n = n < other->size ? n : other->size;
            n = n < INPUT_MAX - size ? n : INPUT_MAX - size;
            memmove(bytes + at + n, bytes + at, size - at);
            memcpy(bytes + at, other->data + next_random(random) % (other->size - n + 1), n);
            size += n;
            break;
        default:
            size = at;
            break;
        }
    }
    return input_new(bytes, size);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay_folder(const char *folder)
{
    struct dirent **names;
    int n = scandir(folder, &names, not_hidden, by_name);
    uint64_t random = 0x6f6e746170;
    Input *inputs;

    if (n <= 0) {
        fprintf(stderr, "%s: %s\n", folder, n < 0 ? strerror(errno) : "no inputs in this folder");
        return EXIT_FAILURE;
    }
    inputs = must(calloc((size_t)n, sizeof(*inputs)), "calloc");
    for (int i = 0; i < n; i++) {
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        inputs[i] = read_input(path);
        free(names[i]);
        run(&inputs[i]);
    }
    free(names);

    for (int i = 0; i < MUTATIONS; i++) {
        const Input *other = &inputs[next_random(&random) % (uint64_t)n];
        Input input = mutate(&inputs[i % n], other, &random);

        run(&input);
        free(input.data);
    }
    for (int i = 0; i < n; i++)
        free(inputs[i].data);
    free(inputs);
    printf("%d inputs and %d mutations\n", n, MUTATIONS);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    const char *slash = strrchr(argv[0], '/');
    struct stat status;

    if (argc != 2 || stat(argv[1], &status) < 0) {
        fprintf(stderr, "Usage: %s FOLDER|FILE\n", argv[0]);
        return EXIT_FAILURE;
    }
    snprintf(crash_path, sizeof(crash_path), "%s.crash", slash ? slash + 1 : argv[0]);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], on_crash);

    if (S_ISDIR(status.st_mode))
        return replay_folder(argv[1]);

    Input input = read_input(argv[1]);
    run(&input);
    free(input.data);
    return EXIT_SUCCESS;
}
