/*
 * A layer below a real process, by LD_PRELOAD: the product itself holds no fault point and pays for none.
 *
 * It names the system calls that matter by what they are about (a segment, the cursor, an answer, a datagram …) and can, at
 * a named point, before, in the middle of, or after the call: kill the process with SIGKILL, or make the call fail. It can move
 * the wall clock. It writes a journal of everything that happens to the spool's files, from which disk-journal.ts computes
 * what a loss of power would have left.
 *
 *   FAULT_CONTROL  a file of struct control, mapped and shared: what to do, and what was seen. It outlives the process.
 *   FAULT_FOLDER   the spool; files elsewhere are left alone
 *   FAULT_JOURNAL  where the journal goes; absent: none is written
 *
 * libuv calls pwrite64, fdatasync … through the PLT and uses io_uring for epoll only; UV_USE_IO_URING=0 makes sure of it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The same order as POINTS in fault-layer.ts. */
enum point {
  SEGMENT_WRITE, SEGMENT_DATASYNC, SEGMENT_TRUNCATE, SEGMENT_UNLINK,
  CURSOR_WRITE, CURSOR_DATASYNC, CURSOR_TRUNCATE, CURSOR_UNLINK,
  SPARE_WRITE, SPARE_DATASYNC, SPARE_RENAME, FOLDER_SYNC,
  BODY_READ, ANSWER_WRITE, DATAGRAM_SEND, QUARANTINE_WRITE, SPARE_OPEN,
  POINTS
};
enum moment { BEFORE, MIDDLE, AFTER };

struct control {
  int32_t kill_point;   /* -1: none */
  int32_t kill_moment;
  int32_t kill_countdown; /* at the n-th time from now */
  int32_t killed;       /* 1 when the layer has killed */
  int64_t clock_offset_s;
  int32_t fail_errno[32];
  int32_t fail_left[32]; /* how often; -1: until further notice */
  int32_t in_progress[32];
  int32_t seen[32];
};

enum kind { NOTHING, SEGMENT, CURSOR, SPARE, FOLDER, QUARANTINE, OTHER_FILE, CLIENT, DATAGRAM };
#define MAX_FDS 65536
static struct { unsigned char kind, dirty; int32_t id; char path[96]; } fds[MAX_FDS];

static struct control none = {.kill_point = -1};
static struct control *control = &none;
static const char *folder;
static size_t folder_length;
static int journal = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int32_t next_id = 1;

#define REAL(name) ((__typeof__(&name))real_##name)
#define FIND(name) real_##name = dlsym(RTLD_NEXT, #name)
static void *real_open, *real_open64, *real_openat, *real_pwrite64, *real_write, *real_writev, *real_read, *real_fdatasync, *real_fsync,
    *real_ftruncate64, *real_rename, *real_unlink, *real_accept4, *real_socket, *real_sendmmsg, *real_clock_gettime, *real_gettimeofday,
    *real_time, *real_syscall, *real_close;

__attribute__((constructor)) static void start(void) {
  FIND(open); FIND(open64); FIND(openat); FIND(pwrite64); FIND(write); FIND(writev); FIND(read); FIND(fdatasync); FIND(fsync);
  FIND(ftruncate64); FIND(rename); FIND(unlink); FIND(accept4); FIND(socket); FIND(sendmmsg); FIND(clock_gettime); FIND(gettimeofday);
  FIND(time); FIND(syscall); FIND(close);
  const char *path = getenv("FAULT_CONTROL");
  folder = getenv("FAULT_FOLDER");
  if (folder) folder_length = strlen(folder);
  if (path) {
    int fd = REAL(open)(path, O_RDWR | O_CLOEXEC);
    void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED) { perror("fault layer: FAULT_CONTROL"); _exit(97); }
    control = mapped;
  }
  const char *to = getenv("FAULT_JOURNAL");
  if (to && (journal = REAL(open)(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0) { perror("fault layer: FAULT_JOURNAL"); _exit(97); }
  /* What the process may start is not under test. */
  unsetenv("LD_PRELOAD");
}

static void die(void) {
  control->killed = 1;
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int is_due(int point, int moment) {
  if (control->kill_point != point || control->kill_moment != moment) return 0;
  return __atomic_sub_fetch(&control->kill_countdown, 1, __ATOMIC_SEQ_CST) == 0;
}

static void pass(int point, int moment) { if (is_due(point, moment)) die(); }

/* Returns the errno to fail with, or 0. */
static int enter(int point) {
  pass(point, BEFORE);
  __atomic_add_fetch(&control->seen[point], 1, __ATOMIC_SEQ_CST);
  __atomic_add_fetch(&control->in_progress[point], 1, __ATOMIC_SEQ_CST);
  if (control->fail_left[point] != 0) {
    if (control->fail_left[point] > 0) control->fail_left[point]--;
    return control->fail_errno[point];
  }
  return 0;
}

static void leave(int point) {
  pass(point, AFTER);
  __atomic_sub_fetch(&control->in_progress[point], 1, __ATOMIC_SEQ_CST);
}

static long refuse(int point, int error) {
  leave(point);
  errno = error;
  return -1;
}

/* Journal: one record a call: u8 what, i32 file, i64 number, u32 length, bytes. Written in one piece, in the order of events. */
static void note(char what, int32_t file, int64_t number, const void *bytes, uint32_t length) {
  if (journal < 0) return;
  char head[17];
  head[0] = what;
  memcpy(head + 1, &file, 4);
  memcpy(head + 5, &number, 8);
  memcpy(head + 13, &length, 4);
  struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, length}};
  REAL(writev)(journal, parts, length ? 2 : 1);
}

static const char *inside(const char *path) {
  if (!folder || !path || strncmp(path, folder, folder_length) != 0) return NULL;
  if (path[folder_length] == 0) return "";
  return path[folder_length] == '/' ? path + folder_length + 1 : NULL;
}

static int kind_of(const char *name) {
  size_t length = strlen(name);
  if (length == 0) return FOLDER;
  if (length > 4 && strcmp(name + length - 4, ".new") == 0) return SPARE;
  if (strncmp(name, "segment-", 8) == 0) return SEGMENT;
  if (strncmp(name, "cursor-", 7) == 0) return CURSOR;
  if (strncmp(name, "quarantine/", 11) == 0) return QUARANTINE;
  return OTHER_FILE;
}

/* The same file must have one id however often it is opened: found by the name that it has now. */
static int32_t id_of(const char *name) {
  for (int fd = 0; fd < MAX_FDS && fd < 4096; fd++) if (fds[fd].id && strcmp(fds[fd].path, name) == 0) return fds[fd].id;
  return next_id++;
}

static int opened(int fd, const char *path, int flags) {
  if (fd < 0 || fd >= MAX_FDS) return fd;
  const char *name = inside(path);
  pthread_mutex_lock(&lock);
  fds[fd].kind = name ? kind_of(name) : NOTHING;
  fds[fd].id = 0;
  if (name && strlen(name) < sizeof fds[fd].path) {
    fds[fd].id = fds[fd].kind == FOLDER ? 0 : id_of(name);
    strcpy(fds[fd].path, name);
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) fds[fd].kind = FOLDER;
    /* A name that the journal has not met yet: `c` made now, `o` there before. */
    else note(flags & O_CREAT && status.st_size == 0 ? 'c' : 'o', fds[fd].id, 0, name, strlen(name));
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

static int open_any(void *real, const char *path, int flags, mode_t mode) {
  const char *name = inside(path);
  int is_spare = name && flags & O_CREAT && kind_of(name) == SPARE;
  if (is_spare) {
    int error = enter(SPARE_OPEN);
    if (error) return refuse(SPARE_OPEN, error);
  }
  int fd = opened(((int (*)(const char *, int, ...))real)(path, flags, mode), path, flags);
  if (is_spare) leave(SPARE_OPEN);
  return fd;
}

#define MODE(flags) mode_t mode = 0; if (flags & O_CREAT) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }
int open(const char *path, int flags, ...) { MODE(flags) return open_any(real_open, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_any(real_open64, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) {
  MODE(flags)
  return opened(REAL(openat)(at, path, flags, mode), path, flags);
}

static void closed(int fd) {
  if (fd < 0 || fd >= MAX_FDS) return;
  fds[fd].kind = NOTHING;
  fds[fd].id = 0;
}

int close(int fd) { closed(fd); return REAL(close)(fd); }

/* libuv closes files by syscall(SYS_close). */
long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long), d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_close) closed((int)a);
  return ((long (*)(long, ...))real_syscall)(number, a, b, c, d, e, f);
}

static int kind(int fd) { return fd >= 0 && fd < MAX_FDS ? fds[fd].kind : NOTHING; }

static int write_point(int fd) {
  switch (kind(fd)) {
    case SEGMENT: return SEGMENT_WRITE;
    case CURSOR: return CURSOR_WRITE;
    case SPARE: return SPARE_WRITE;
    case QUARANTINE: return QUARANTINE_WRITE;
    default: return -1;
  }
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  int point = write_point(fd);
  if (point < 0) {
    if (kind(fd) == NOTHING) return REAL(pwrite64)(fd, bytes, length, offset);
    note('w', fds[fd].id, offset, bytes, length);
    return REAL(pwrite64)(fd, bytes, length, offset);
  }
  int error = enter(point);
  if (error) return refuse(point, error);
  if (is_due(point, MIDDLE)) {
    note('w', fds[fd].id, offset, bytes, length / 2);
    REAL(pwrite64)(fd, bytes, length / 2, offset);
    die();
  }
  note('w', fds[fd].id, offset, bytes, length);
  ssize_t written = REAL(pwrite64)(fd, bytes, length, offset);
  leave(point);
  return written;
}

/* A record has been synced: whoever sent something before it and gets bytes now is being answered. */
static void mark_clients(void) {
  for (int fd = 0; fd < MAX_FDS; fd++) if (fds[fd].kind == CLIENT && fds[fd].dirty == 1) fds[fd].dirty = 2;
}

static int sync_point(int fd) {
  switch (kind(fd)) {
    case SEGMENT: return SEGMENT_DATASYNC;
    case CURSOR: return CURSOR_DATASYNC;
    case SPARE: return SPARE_DATASYNC;
    case FOLDER: return FOLDER_SYNC;
    default: return -1;
  }
}

static int sync_any(void *real, int fd) {
  int point = sync_point(fd);
  if (point < 0 && kind(fd) != QUARANTINE && kind(fd) != OTHER_FILE) return ((int (*)(int))real)(fd);
  int error = point < 0 ? 0 : enter(point);
  if (error) return refuse(point, error);
  int is_folder = kind(fd) == FOLDER;
  note(is_folder ? 'F' : 'S', fds[fd].id, 0, fds[fd].path, strlen(fds[fd].path));
  if (point >= 0 && is_due(point, MIDDLE)) die();
  int result = ((int (*)(int))real)(fd);
  if (result == 0) note(is_folder ? 'f' : 's', fds[fd].id, 0, fds[fd].path, strlen(fds[fd].path));
  if (result == 0 && point == SEGMENT_DATASYNC) mark_clients();
  if (point >= 0) leave(point);
  return result;
}

int fdatasync(int fd) { return sync_any(real_fdatasync, fd); }
int fsync(int fd) { return sync_any(real_fsync, fd); }

int ftruncate64(int fd, off64_t length) {
  int point = kind(fd) == SEGMENT ? SEGMENT_TRUNCATE : kind(fd) == CURSOR ? CURSOR_TRUNCATE : -1;
  if (point < 0) return REAL(ftruncate64)(fd, length);
  int error = enter(point);
  if (error) return refuse(point, error);
  note('t', fds[fd].id, length, NULL, 0);
  int result = REAL(ftruncate64)(fd, length);
  leave(point);
  return result;
}

int rename(const char *from, const char *to) {
  const char *old_name = inside(from), *new_name = inside(to);
  if (!old_name || !new_name) return REAL(rename)(from, to);
  int error = enter(SPARE_RENAME);
  if (error) return refuse(SPARE_RENAME, error);
  pthread_mutex_lock(&lock);
  int result = REAL(rename)(from, to);
  if (result == 0) {
    char both[256];
    int length = snprintf(both, sizeof both, "%s%c%s", old_name, 0, new_name);
    note('r', 0, 0, both, length);
    for (int fd = 0; fd < MAX_FDS; fd++)
      if (fds[fd].id && strcmp(fds[fd].path, old_name) == 0) {
        strcpy(fds[fd].path, new_name);
        fds[fd].kind = kind_of(new_name);
      }
  }
  pthread_mutex_unlock(&lock);
  leave(SPARE_RENAME);
  return result;
}

int unlink(const char *path) {
  const char *name = inside(path);
  int is_cursor = name && kind_of(name) == CURSOR;
  if (!name || (!is_cursor && kind_of(name) != SEGMENT)) {
    int result = REAL(unlink)(path);
    if (name && result == 0) note('u', 0, 0, name, strlen(name));
    return result;
  }
  int point = is_cursor ? CURSOR_UNLINK : SEGMENT_UNLINK;
  int error = enter(point);
  if (error) return refuse(point, error);
  int result = REAL(unlink)(path);
  if (result == 0) note('u', 0, 0, name, strlen(name));
  leave(point);
  return result;
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  int client = REAL(accept4)(fd, address, length, flags);
  if (client >= 0 && client < MAX_FDS) {
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    int is_tcp = getsockname(client, (struct sockaddr *)&name, &size) == 0 && name.ss_family != AF_UNIX;
    fds[client].kind = is_tcp ? CLIENT : NOTHING;
    fds[client].dirty = 0;
    fds[client].id = 0;
  }
  return client;
}

int socket(int domain, int type, int protocol) {
  int fd = REAL(socket)(domain, type, protocol);
  if (fd >= 0 && fd < MAX_FDS) {
    fds[fd].kind = domain == AF_UNIX && (type & 0xf) == SOCK_DGRAM ? DATAGRAM : NOTHING;
    fds[fd].id = 0;
  }
  return fd;
}

ssize_t read(int fd, void *bytes, size_t length) {
  if (kind(fd) != CLIENT) return REAL(read)(fd, bytes, length);
  ssize_t taken = REAL(read)(fd, bytes, length);
  if (taken > 0) {
    fds[fd].dirty = 1;
    pass(BODY_READ, AFTER);
  }
  return taken;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  int point = kind(fd) == CLIENT && fds[fd].dirty == 2 ? ANSWER_WRITE : write_point(fd);
  if (point < 0) return REAL(write)(fd, bytes, length);
  int error = enter(point);
  if (error) return refuse(point, error);
  if (point != ANSWER_WRITE) note('a', fds[fd].id, 0, bytes, length);
  if (is_due(point, MIDDLE)) {
    REAL(write)(fd, bytes, length / 2);
    die();
  }
  ssize_t written = REAL(write)(fd, bytes, length);
  if (point == ANSWER_WRITE) fds[fd].dirty = 0;
  leave(point);
  return written;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (kind(fd) != CLIENT || fds[fd].dirty != 2) return REAL(writev)(fd, parts, count);
  int error = enter(ANSWER_WRITE);
  if (error) return refuse(ANSWER_WRITE, error);
  if (is_due(ANSWER_WRITE, MIDDLE)) {
    REAL(write)(fd, parts[0].iov_base, parts[0].iov_len / 2);
    die();
  }
  ssize_t written = REAL(writev)(fd, parts, count);
  fds[fd].dirty = 0;
  leave(ANSWER_WRITE);
  return written;
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags) {
  if (kind(fd) != DATAGRAM) return REAL(sendmmsg)(fd, messages, count, flags);
  int error = enter(DATAGRAM_SEND);
  if (error) return refuse(DATAGRAM_SEND, error);
  if (is_due(DATAGRAM_SEND, MIDDLE)) {
    REAL(sendmmsg)(fd, messages, (count + 1) / 2, flags);
    die();
  }
  int sent = REAL(sendmmsg)(fd, messages, count, flags);
  int kept = errno;
  leave(DATAGRAM_SEND);
  errno = kept;
  return sent;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = REAL(clock_gettime)(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += control->clock_offset_s;
  return result;
}

/* Declared nonnull, and it is: only the zone may be absent. */
int gettimeofday(struct timeval *now, void *zone) {
  int result = ((int (*)(struct timeval *, void *))real_gettimeofday)(now, zone);
  if (result == 0) now->tv_sec += control->clock_offset_s;
  return result;
}

time_t time(time_t *out) {
  time_t now = REAL(time)(NULL) + control->clock_offset_s;
  if (out) *out = now;
  return now;
}
