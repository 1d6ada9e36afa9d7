/* Preloaded into a process: ends it at a chosen call that changes a file below a folder, or lets such calls fail.
 *
 * FILE_FAULT=HOW:NUMBER:ERRNO:FOLDER, read when the first call comes after it is set; numbers begin with 1.
 *
 *   count                  nothing happens
 *   before, after, half    SIGKILL before or after call NUMBER, or with half of its bytes written
 *   fail, once             call NUMBER fails with ERRNO, and all later ones; or it alone
 *   short                  call NUMBER writes half of its bytes and says so, all later ones fail
 *   lock                   every lock is refused with ERRNO; NUMBER is of no matter
 *
 * FILE_FAULT_LOG=FILE: a line "NUMBER CALL PATH" a call is appended there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum what { GO, DIE_AFTER, HALF_AND_DIE, HALF, FAIL };

static atomic_long calls;
static atomic_int armed;
static char how[16], folder[PATH_MAX];
static long number;
static int error_number, log_file = -1;

static int arm(void)
{
    if (armed)
        return 1;
    const char *text = getenv("FILE_FAULT"), *name = getenv("FILE_FAULT_LOG");
    if (!text || sscanf(text, "%15[^:]:%ld:%d:%4095[^\n]", how, &number, &error_number, folder) != 4)
        return 0;
    if (name)
        log_file = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    armed = 1;
    return 1;
}

static void die(void)
{
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        pause();
}

static int is(const char *word) { return strcmp(how, word) == 0; }

static int below(const char *path)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* What becomes of a call on this path. */
static enum what decide(const char *call, const char *path)
{
    if (!below(path) || is("lock"))
        return GO;
    long now = ++calls;
    if (log_file >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%ld %s %s\n", now, call, path);
        if (length > 0)
            (void)!syscall(SYS_write, log_file, line, length);
    }
    if (is("count") || now < number || (now > number && !is("fail") && !is("short")))
        return GO;
    if (is("before"))
        die();
    if (is("after"))
        return DIE_AFTER;
    if (is("half"))
        return HALF_AND_DIE;
    if (is("short") && now == number)
        return HALF;
    errno = error_number;
    return FAIL;
}

static enum what of_path(const char *call, int at, const char *path)
{
    char whole[2 * PATH_MAX], link[64];
    if (!arm())
        return GO;
    if (path[0] == '/')
        return decide(call, path);
    if (at == AT_FDCWD)
        strcpy(link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t length = readlink(link, whole, PATH_MAX);
    if (length < 0)
        return GO;
    snprintf(whole + length, sizeof whole - length, "/%s", path);
    return decide(call, whole);
}

static enum what of_file(const char *call, int file)
{
    char link[64], path[PATH_MAX];
    if (!arm())
        return GO;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return GO;
    path[length] = 0;
    return decide(call, path);
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

/* A call that has no half. */
#define WHOLE(verdict, type, call)                      \
    enum what _what = (verdict);                        \
    if (_what == FAIL)                                  \
        return -1;                                      \
    type _found = (call);                               \
    if (_what == DIE_AFTER || _what == HALF_AND_DIE)    \
        die();                                          \
    return _found

/* A call that moves so many bytes; `size` is what it is to move. */
#define BYTES(verdict, type, size, call)                \
    enum what _what = (verdict);                        \
    if (_what == FAIL)                                  \
        return -1;                                      \
    if (size > 1 && (_what == HALF || _what == HALF_AND_DIE)) \
        size /= 2;                                      \
    type _found = (call);                               \
    if (_what == DIE_AFTER || _what == HALF_AND_DIE)    \
        die();                                          \
    return _found

#define CHANGES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

static mode_t mode_of(int flags, va_list more)
{
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;
}

#define OPEN(name)                                                                              \
    int name(const char *path, int flags, ...)                                                  \
    {                                                                                           \
        va_list more;                                                                           \
        va_start(more, flags);                                                                  \
        mode_t mode = mode_of(flags, more);                                                     \
        va_end(more);                                                                           \
        WHOLE(flags & CHANGES ? of_path("open", AT_FDCWD, path) : GO, int,                      \
              REAL(int, #name, const char *, int, ...)(path, flags, mode));                     \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                            \
    int name(int at, const char *path, int flags, ...)                                          \
    {                                                                                           \
        va_list more;                                                                           \
        va_start(more, flags);                                                                  \
        mode_t mode = mode_of(flags, more);                                                     \
        va_end(more);                                                                           \
        WHOLE(flags & CHANGES ? of_path("open", at, path) : GO, int,                            \
              REAL(int, #name, int, const char *, int, ...)(at, path, flags, mode));            \
    }
OPENAT(openat)
OPENAT(openat64)

#define CREAT(name)                                                                             \
    int name(const char *path, mode_t mode)                                                     \
    {                                                                                           \
        WHOLE(of_path("open", AT_FDCWD, path), int, REAL(int, #name, const char *, mode_t)(path, mode)); \
    }
CREAT(creat)
CREAT(creat64)

#define FOPEN(name)                                                                             \
    FILE *name(const char *path, const char *mode)                                              \
    {                                                                                           \
        enum what what = strpbrk(mode, "wa+") ? of_path("open", AT_FDCWD, path) : GO;           \
        if (what == FAIL)                                                                       \
            return NULL;                                                                        \
        FILE *found = REAL(FILE *, #name, const char *, const char *)(path, mode);              \
        if (what == DIE_AFTER || what == HALF_AND_DIE)                                          \
            die();                                                                              \
        return found;                                                                           \
    }
FOPEN(fopen)
FOPEN(fopen64)

ssize_t write(int file, const void *from, size_t size)
{
    BYTES(of_file("write", file), ssize_t, size, REAL(ssize_t, "write", int, const void *, size_t)(file, from, size));
}

#define PWRITE(name)                                                                            \
    ssize_t name(int file, const void *from, size_t size, off_t at)                             \
    {                                                                                           \
        BYTES(of_file("pwrite", file), ssize_t, size,                                           \
              REAL(ssize_t, #name, int, const void *, size_t, off_t)(file, from, size, at));    \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

/* Of several pieces a half is the first half of them, and of one alone half of its bytes. */
static ssize_t pieces(enum what what, int file, const struct iovec *from, int count, off_t at)
{
    if (what == FAIL)
        return -1;
    struct iovec one = count > 0 ? from[0] : (struct iovec){0};
    int half = what == HALF || what == HALF_AND_DIE;
    if (half && count == 1) {
        one.iov_len = (one.iov_len + 1) / 2;
        from = &one;
    } else if (half && count > 1) {
        count /= 2;
    }
    ssize_t found;
    if (at < 0)
        found = REAL(ssize_t, "writev", int, const struct iovec *, int)(file, from, count);
    else
        found = REAL(ssize_t, "pwritev", int, const struct iovec *, int, off_t)(file, from, count, at);
    if (what == DIE_AFTER || what == HALF_AND_DIE)
        die();
    return found;
}

ssize_t writev(int file, const struct iovec *from, int count)
{
    return pieces(of_file("writev", file), file, from, count, -1);
}

ssize_t pwritev(int file, const struct iovec *from, int count, off_t at)
{
    return pieces(of_file("pwritev", file), file, from, count, at);
}

ssize_t pwritev64(int file, const struct iovec *from, int count, off64_t at)
{
    return pieces(of_file("pwritev", file), file, from, count, at);
}

#define ON_FILE(name)                                                                           \
    int name(int file) { WHOLE(of_file(#name, file), int, REAL(int, #name, int)(file)); }
ON_FILE(fsync)
ON_FILE(fdatasync)

#define FTRUNCATE(name)                                                                         \
    int name(int file, off_t size)                                                              \
    {                                                                                           \
        WHOLE(of_file("ftruncate", file), int, REAL(int, #name, int, off_t)(file, size));       \
    }
FTRUNCATE(ftruncate)
FTRUNCATE(ftruncate64)

#define TRUNCATE(name)                                                                          \
    int name(const char *path, off_t size)                                                      \
    {                                                                                           \
        WHOLE(of_path("truncate", AT_FDCWD, path), int, REAL(int, #name, const char *, off_t)(path, size)); \
    }
TRUNCATE(truncate)
TRUNCATE(truncate64)

/* It returns its error. */
#define POSIX_FALLOCATE(name)                                                                   \
    int name(int file, off_t at, off_t size)                                                    \
    {                                                                                           \
        enum what what = of_file("fallocate", file);                                            \
        if (what == FAIL)                                                                       \
            return error_number;                                                                \
        if (what == HALF_AND_DIE && size > 1)                                                   \
            size /= 2;                                                                          \
        int found = REAL(int, #name, int, off_t, off_t)(file, at, size);                        \
        if (what == DIE_AFTER || what == HALF_AND_DIE)                                          \
            die();                                                                              \
        return found;                                                                           \
    }
POSIX_FALLOCATE(posix_fallocate)
POSIX_FALLOCATE(posix_fallocate64)

#define FALLOCATE(name)                                                                         \
    int name(int file, int mode, off_t at, off_t size)                                          \
    {                                                                                           \
        WHOLE(of_file("fallocate", file), int, REAL(int, #name, int, int, off_t, off_t)(file, mode, at, size)); \
    }
FALLOCATE(fallocate)
FALLOCATE(fallocate64)

int rename(const char *from, const char *to)
{
    WHOLE(of_path("rename", AT_FDCWD, to), int, REAL(int, "rename", const char *, const char *)(from, to));
}

int renameat(int at, const char *from, int to_at, const char *to)
{
    WHOLE(of_path("rename", to_at, to), int,
          REAL(int, "renameat", int, const char *, int, const char *)(at, from, to_at, to));
}

int renameat2(int at, const char *from, int to_at, const char *to, unsigned flags)
{
    WHOLE(of_path("rename", to_at, to), int,
          REAL(int, "renameat2", int, const char *, int, const char *, unsigned)(at, from, to_at, to, flags));
}

int unlink(const char *path)
{
    WHOLE(of_path("unlink", AT_FDCWD, path), int, REAL(int, "unlink", const char *)(path));
}

int unlinkat(int at, const char *path, int flags)
{
    WHOLE(of_path("unlink", at, path), int, REAL(int, "unlinkat", int, const char *, int)(at, path, flags));
}

int remove(const char *path)
{
    WHOLE(of_path("unlink", AT_FDCWD, path), int, REAL(int, "remove", const char *)(path));
}

int mkdir(const char *path, mode_t mode)
{
    WHOLE(of_path("mkdir", AT_FDCWD, path), int, REAL(int, "mkdir", const char *, mode_t)(path, mode));
}

int mkdirat(int at, const char *path, mode_t mode)
{
    WHOLE(of_path("mkdir", at, path), int, REAL(int, "mkdirat", int, const char *, mode_t)(at, path, mode));
}

int rmdir(const char *path)
{
    WHOLE(of_path("rmdir", AT_FDCWD, path), int, REAL(int, "rmdir", const char *)(path));
}

int link(const char *from, const char *to)
{
    WHOLE(of_path("link", AT_FDCWD, to), int, REAL(int, "link", const char *, const char *)(from, to));
}

int linkat(int at, const char *from, int to_at, const char *to, int flags)
{
    WHOLE(of_path("link", to_at, to), int,
          REAL(int, "linkat", int, const char *, int, const char *, int)(at, from, to_at, to, flags));
}

int symlink(const char *from, const char *to)
{
    WHOLE(of_path("symlink", AT_FDCWD, to), int, REAL(int, "symlink", const char *, const char *)(from, to));
}

int symlinkat(const char *from, int at, const char *to)
{
    WHOLE(of_path("symlink", at, to), int, REAL(int, "symlinkat", const char *, int, const char *)(from, at, to));
}

static int lock_is_refused(int file)
{
    char link[64], path[PATH_MAX];
    if (!arm() || !is("lock"))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    errno = error_number;
    return below(path);
}

int flock(int file, int operation)
{
    return lock_is_refused(file) ? -1 : REAL(int, "flock", int, int)(file, operation);
}

#define FCNTL(name)                                                                             \
    int name(int file, int command, ...)                                                        \
    {                                                                                           \
        va_list more;                                                                           \
        va_start(more, command);                                                                \
        void *argument = va_arg(more, void *);                                                  \
        va_end(more);                                                                           \
        if ((command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW) \
            && lock_is_refused(file))                                                           \
            return -1;                                                                          \
        return REAL(int, #name, int, int, ...)(file, command, argument);                        \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

int lockf(int file, int command, off_t size)
{
    return lock_is_refused(file) ? -1 : REAL(int, "lockf", int, int, off_t)(file, command, size);
}
