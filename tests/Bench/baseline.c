// The work of a whole run of azprovision in plain C: what the platform, the file system and the hash take in any
// language. It reads a UDF image, settles user, password, key and custom data, edits a Debian root as azprovision does
// (all temporaries, renames) and reports Ready. It syncs each file and directory for itself, step by step, as most do. It knows this one case and trusts its
// input: a measure, not a provisioning agent.
//
//   baseline ROOT IMAGE ADDRESS PORT

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SECTOR = 2048, MAX_CHANGES = 32, LOCK_WAIT = 15, MAX_ANSWER = 64 << 10 };

struct change
{
    const char *name;
    char temporary[64];
    int directory;
};

static int root;

static void fail(const char *what)
{
    fprintf(stderr, "baseline: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int check(int result, const char *what)
{
    return result >= 0 ? result : (fail(what), -1);
}

#include "baseline-udf.h"

__attribute__((format(printf, 1, 2))) static char *format(const char *text, ...)
{
    char *result;
    va_list arguments;
    va_start(arguments, text);
    check(vasprintf(&result, text, arguments), "memory");
    va_end(arguments);
    return result;
}

// Below the root whatever links say, as SystemRoot does it.
static int open_below(const char *path, int flags)
{
    struct open_how how = { .flags = flags, .mode = flags & O_CREAT ? 0600 : 0, .resolve = RESOLVE_IN_ROOT };
    return syscall(SYS_openat2, root, path, &how, sizeof how);
}

// The whole file, or null when it is not there.
static char *read_file(const char *path, struct stat *status)
{
    int file = open_below(path, O_RDONLY);
    if (file < 0)
    {
        return NULL;
    }

    check(fstat(file, status), path);
    char *text = malloc(status->st_size + 1);
    text[check(read(file, text, status->st_size), path)] = 0;
    close(file);
    return text;
}

// ---- changes: temporaries first, then the renames, then the directories

static struct change changes[MAX_CHANGES];
static int change_count;

static int open_parent(const char *path, const char **name)
{
    *name = strrchr(path, '/') + 1;
    char *parent = strndup(path, *name - path);
    int directory = check(open_below(parent, O_PATH | O_DIRECTORY), path);
    free(parent);
    return directory;
}

static void put(const char *path, const char *text, size_t length, mode_t mode, uid_t uid, gid_t gid)
{
    struct change *change = &changes[change_count++];
    change->directory = open_parent(path, &change->name);
    snprintf(change->temporary, sizeof change->temporary, ".%s.baseline", change->name);
    unlinkat(change->directory, change->temporary, 0);
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    int file = check(openat(change->directory, change->temporary, flags, 0600), path);
    check(length == 0 ? 0 : write(file, text, length), path);
    if (uid != 0 || gid != 0)   // as root it is root's already
    {
        check(fchown(file, uid, gid), path);
    }

    check(fchmod(file, mode), path);
    check(fsync(file), path);
    close(file);
}

static void put_text(const char *path, const char *text, mode_t mode, uid_t uid, gid_t gid)
{
    put(path, text, strlen(text), mode, uid, gid);
}

static void make_directory(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
    const char *name;
    int parent = open_parent(path, &name);
    int made = mkdirat(parent, name, 0700) == 0;
    int directory = check(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path);
    check(fchown(directory, uid, gid), path);
    check(fchmod(directory, mode), path);
    if (made)
    {
        int readable = check(openat(parent, ".", O_RDONLY | O_DIRECTORY), path);
        check(fsync(readable), path);
        close(readable);
    }

    close(directory);
    close(parent);
}

static void commit(void)
{
    for (int i = 0; i < change_count; i++)
    {
        const struct change *change = &changes[i];
        check(renameat(change->directory, change->temporary, change->directory, change->name), change->name);
    }

    struct stat synced[MAX_CHANGES];
    int synced_count = 0;
    for (int i = 0; i < change_count; i++)
    {
        struct stat *status = &synced[synced_count];
        check(fstat(changes[i].directory, status), changes[i].name);
        int known = 0;
        for (int j = 0; j < synced_count; j++)
        {
            known |= synced[j].st_ino == status->st_ino && synced[j].st_dev == status->st_dev;
        }

        if (!known)
        {
            synced_count++;
            int readable = check(openat(changes[i].directory, ".", O_RDONLY | O_DIRECTORY), changes[i].name);
            check(fsync(readable), changes[i].name);
            close(readable);
        }

        close(changes[i].directory);
    }

    change_count = 0;
}

// ---- text

static char *element(const char *xml, const char *name)
{
    char *open = format("<%s>", name);
    const char *start = strstr(xml, open);
    const char *end = start == NULL ? NULL : strstr(start, format("</%s>", name));
    return end == NULL ? (fail(name), NULL) : strndup(start + strlen(open), end - start - strlen(open));
}

static size_t decode_base64(char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t length = 0;
    uint32_t bits = 0;
    int count = 0;
    for (const char *at = text, *digit; *at != 0 && (digit = strchr(digits, *at)) != NULL; at++)
    {
        bits = bits << 6 | (uint32_t)(digit - digits);
        if ((count += 6) >= 8)
        {
            text[length++] = (char)(bits >> (count -= 8));
        }
    }

    return length;
}

// ---- accounts

static void append(const char *path, const char *line)
{
    struct stat status;
    char *old = read_file(path, &status);
    check(linkat(root, path + 1, root, format("%s-", path + 1), 0), path);
    put_text(path, format("%s%s\n", old, line), status.st_mode & 0777, status.st_uid, status.st_gid);
}

static char *hash(const char *password)
{
    static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char setting[] = "$6$0123456789abcdef";
    unsigned char salt[16];
    check(getrandom(salt, sizeof salt, 0), "getrandom");
    for (int i = 0; i < 16; i++)
    {
        setting[3 + i] = digits[salt[i] % 64];
    }

    return crypt(password, setting);
}

// Returns the hash of the password.
static char *add_user(const char *name, const char *password)
{
    struct stat status;
    struct flock lock = { .l_type = F_WRLCK };
    int lock_file = check(open_below("/etc/.pwd.lock", O_WRONLY | O_CREAT | O_CLOEXEC), ".pwd.lock");
    check(fcntl(lock_file, F_SETLK, &lock), ".pwd.lock");
    read_file("/etc/login.defs", &status);
    read_file("/etc/default/useradd", &status);
    long day = time(NULL) / 86400;
    make_directory(format("/home/%s", name), 0700, 1000, 1000);
    static const char *const skeleton[] = { ".bashrc", ".profile" };
    for (size_t i = 0; i < sizeof skeleton / sizeof *skeleton; i++)
    {
        char *text = read_file(format("/etc/skel/%s", skeleton[i]), &status);
        put_text(format("/home/%s/%s", name, skeleton[i]), text, 0644, 1000, 1000);
    }

    append("/etc/group", format("%s:x:1000:", name));
    append("/etc/gshadow", format("%s:!::", name));
    append("/etc/subuid", format("%s:100000:65536", name));
    append("/etc/subgid", format("%s:100000:65536", name));
    char *hashed = hash(password);
    append("/etc/shadow", format("%s:%s:%ld:0:99999:7:::", name, hashed, day));
    append("/etc/passwd", format("%s:x:1000:1000::/home/%s:/bin/bash", name, name));
    commit();
    close(lock_file);
    return hashed;
}

// ---- the platform

static char *request(const struct sockaddr_in *server, const char *head, const char *body)
{
    static char answer[MAX_ANSWER + 1];
    size_t filled = 0;
    int connection = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    check(connect(connection, (const struct sockaddr *)server, sizeof *server), "connect");
    char *text = format(
        "%s HTTP/1.1\r\nHost: %s\r\nx-ms-version: 2012-11-30\r\nx-ms-agent-name: baseline\r\n"
        "Content-Type: text/xml; charset=utf-8\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
        head, inet_ntoa(server->sin_addr), strlen(body), body);
    check(send(connection, text, strlen(text), MSG_NOSIGNAL), "send");
    for (int count = 1; count > 0 && filled < MAX_ANSWER; filled += count)
    {
        count = check(recv(connection, answer + filled, MAX_ANSWER - filled, 0), "recv");
    }

    answer[filled] = 0;
    close(connection);
    return strncmp(answer, "HTTP/1.1 200", 12) == 0 ? answer : (fail(head), NULL);
}

// Reports Ready and tells whose machine this is.
static char *report(const char *address, const char *port)
{
    struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
    check(inet_pton(AF_INET, address, &server.sin_addr) - 1, address);
    char *goal = strdup(request(&server, "GET /machine/?comp=goalstate", ""));
    char *instance = element(goal, "InstanceId");
    char *health = format(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Health><GoalStateIncarnation>%s</GoalStateIncarnation>"
        "<Container><ContainerId>%s</ContainerId><RoleInstanceList><Role><InstanceId>%s</InstanceId>"
        "<Health><State>Ready</State></Health></Role></RoleInstanceList></Container></Health>",
        element(goal, "Incarnation"), element(goal, "ContainerId"), instance);
    request(&server, "POST /machine?comp=health", health);
    return instance;
}

int main(int argc, char **argv)
{
    if (argc != 5)
    {
        fputs("usage: baseline ROOT IMAGE ADDRESS PORT\n", stderr);
        return 2;
    }

    struct stat status;
    root = check(open(argv[1], O_RDONLY | O_DIRECTORY), argv[1]);
    check(flock(root, LOCK_EX | LOCK_NB), argv[1]);
    char *ovf = read_ovf(argv[2]);
    char *host = element(ovf, "HostName"), *user = element(ovf, "UserName"), *password = element(ovf, "UserPassword");
    char *key = element(ovf, "Value"), *data = element(ovf, "CustomData");
    size_t data_length = decode_base64(data);

    check(sethostname(host, strlen(host)), "sethostname");
    put_text("/etc/hostname", format("%s\n", host), 0644, 0, 0);
    commit();
    char *hashed = add_user(user, password);
    read_file("/etc/sudoers", &status);
    put_text("/etc/sudoers.d/90-azprovision", format("# Made by baseline.\n%s ALL=(ALL) ALL\n", user), 0440, 0, 0);
    commit();
    read_file("/etc/ssh/sshd_config", &status);
    make_directory(format("/home/%s/.ssh", user), 0700, 1000, 1000);
    put_text(format("/home/%s/.ssh/authorized_keys", user), format("%s\n", key), 0600, 1000, 1000);
    commit();
    put_text(
        "/etc/ssh/sshd_config.d/00-azprovision.conf",
        "PasswordAuthentication yes\nChallengeResponseAuthentication yes\nKbdInteractiveAuthentication yes\n"
        "ClientAliveInterval 180\n", 0600, 0, 0);
    commit();
    make_directory("/var/lib/azprovision", 0700, 0, 0);
    put("/var/lib/azprovision/custom-data", data, data_length, 0600, 0, 0);
    put_text(
        "/var/lib/azprovision/record",
        format("version 1\nhost-name %s\nuser %s\nuid 1000\ngid 1000\npassword-hash %s\nkey %s\nend\n", host, user, hashed, key),
        0600, 0, 0);
    put_text("/etc/.azprovision", "00000000-0000-0000-0000-000000000000\n", 0600, 0, 0);
    commit();

    char *instance = report(argv[3], argv[4]);
    fputs("Ready\n", stderr);

    memset(strstr(ovf, password), ' ', strlen(password));
    put_text("/var/lib/azprovision/ovf-env.xml", ovf, 0600, 0, 0);
    put_text(format("/var/lib/azprovision/%s.provisioned", instance), "", 0600, 0, 0);
    commit();
    return 0;
}
