// Runs commands in turn and prints what each run took, a line "NAME KEY VALUE" each.
//
//   measure [-n RUNS] [-p PREPARE] [-m MARK [-l LOG] [-k]] NAME COMMAND [ARGUMENT]... [-- NAME COMMAND [ARGUMENT]...]
//
//   -n  how often (A B A B ... when there are two commands)
//   -p  shell command before each run, not measured
//   -m  a text that says "ready": the time until it appears on standard error, or in the file LOG
//   -k  the command never ends by itself: SIGKILL to its process group once it is ready
//
// CPU and memory are those of wait4(2): of the command and of the descendants that were waited for; memory is that of
// the largest of them. Two commands: the median of the ratios of neighbouring runs as well.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RUNS = 1000, MAX_COMMANDS = 2, MAX_OUTPUT = 1 << 20, READY_WITHIN_MS = 300000 };

struct command
{
    const char *name;
    char **arguments;
    double ready[MAX_RUNS], wall[MAX_RUNS], cpu[MAX_RUNS];   // ms
    long peak;                                               // KB
};

static const char *mark, *log_path;
static int kills;

static void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("measure: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static double milliseconds(struct timeval time)
{
    return time.tv_sec * 1e3 + time.tv_usec / 1e3;
}

// Whatever is new behind *filled, kept as text. 0: end of file, -1: nothing yet.
static ssize_t read_more(int file, char *text, size_t *filled)
{
    if (*filled == MAX_OUTPUT)
    {
        fail("more than %d bytes of output", MAX_OUTPUT);
    }

    ssize_t count = read(file, text + *filled, MAX_OUTPUT - *filled);
    if (count < 0 && errno != EAGAIN)
    {
        fail("read: %s", strerror(errno));
    }

    *filled += count > 0 ? (size_t)count : 0;
    text[*filled] = 0;
    return count;
}

static pid_t start(char **arguments, int errors)
{
    pid_t child = vfork();   // not fork: the child's peak would begin with our pages
    if (child == 0)
    {
        setpgid(0, 0);
        if (errors >= 0)
        {
            dup2(errors, 2);
        }

        execvp(arguments[0], arguments);
        _exit(127);
    }

    return child > 0 ? child : (fail("fork: %s", strerror(errno)), -1);
}

static void run(struct command *command, int index)
{
    static char text[MAX_OUTPUT + 1];
    size_t filled = 0;
    int ends[2] = { -1, -1 };
    if (log_path == NULL)
    {
        if (pipe2(ends, O_CLOEXEC) != 0)
        {
            fail("pipe: %s", strerror(errno));
        }
    }
    else if ((ends[0] = open(log_path, O_RDONLY | O_CLOEXEC)) < 0 || lseek(ends[0], 0, SEEK_END) < 0)
    {
        fail("%s: %s", log_path, strerror(errno));
    }

    double began = now();
    pid_t child = start(command->arguments, ends[1]);
    close(ends[1]);
    double ready = 0;
    int status = 0;
    struct rusage usage;
    pid_t ended = 0;
    while (ended == 0)
    {
        ssize_t count = read_more(ends[0], text, &filled);
        if (mark != NULL && ready == 0 && strstr(text, mark) != NULL)
        {
            ready = now() - began;
            if (kills)
            {
                kill(-child, SIGKILL);
            }
        }

        if (log_path == NULL && count != 0)
        {
            continue;   // read(2) on the pipe has waited for news
        }

        if (log_path != NULL && now() - began > READY_WITHIN_MS)
        {
            kill(-child, SIGKILL);
            fail("%s: not ready after %d s", command->name, READY_WITHIN_MS / 1000);
        }

        ended = wait4(child, &status, log_path == NULL || ready != 0 ? 0 : WNOHANG, &usage);
        if (ended == 0)
        {
            poll(NULL, 0, 2);
        }
    }

    command->wall[index] = now() - began;
    close(ends[0]);
    if (mark != NULL && ready == 0)
    {
        fail("%s: ended with status %#x and never said '%s'\n%s", command->name, status, mark, text);
    }

    if (!kills && status != 0)
    {
        fail("%s: ended with status %#x\n%s", command->name, status, text);
    }

    command->ready[index] = ready;
    command->cpu[index] = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
    command->peak = usage.ru_maxrss > command->peak ? usage.ru_maxrss : command->peak;
}

static int compare(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static void print(const char *name, const char *key, const double *values, int count)
{
    double sorted[MAX_RUNS];
    memcpy(sorted, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, compare);
    double median = count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    printf("%s %s_median %.3f\n%s %s_best %.3f\n", name, key, median, name, key, sorted[0]);
}

static void print_ratio(const char *key, const double *first, const double *second, int count)
{
    double ratios[MAX_RUNS];
    for (int i = 0; i < count; i++)
    {
        ratios[i] = first[i] / second[i];
    }

    print("ratio", key, ratios, count);
}

int main(int argc, char **argv)
{
    static struct command commands[MAX_COMMANDS];
    const char *prepare = NULL;
    int runs = 1, option;
    while ((option = getopt(argc, argv, "+n:p:m:l:k")) != -1)
    {
        switch (option)
        {
            case 'n': runs = atoi(optarg); break;
            case 'p': prepare = optarg; break;
            case 'm': mark = optarg; break;
            case 'l': log_path = optarg; break;
            case 'k': kills = 1; break;
            default: return 2;
        }
    }

    int count = 0;
    for (int i = optind; i < argc && count < MAX_COMMANDS; i++)
    {
        commands[count].name = argv[i];
        commands[count++].arguments = &argv[i + 1];
        while (i < argc && strcmp(argv[i], "--") != 0)
        {
            i++;
        }

        argv[i] = NULL;
    }

    if (count == 0 || runs < 1 || runs > MAX_RUNS)
    {
        fail("nothing to run, or not 1 to %d times", MAX_RUNS);
    }

    for (int i = 0; i < runs; i++)
    {
        for (int j = 0; j < count; j++)
        {
            if (prepare != NULL && system(prepare) != 0)
            {
                fail("'%s' failed", prepare);
            }

            run(&commands[j], i);
        }
    }

    for (int j = 0; j < count; j++)
    {
        const char *name = commands[j].name;
        print(name, "ready_ms", commands[j].ready, runs);
        print(name, "wall_ms", commands[j].wall, runs);
        print(name, "cpu_ms", commands[j].cpu, runs);
        printf("%s peak_kb %ld\n", name, commands[j].peak);
    }

    if (count == 2)
    {
        print_ratio("ready", commands[0].ready, commands[1].ready, runs);
        print_ratio("wall", commands[0].wall, commands[1].wall, runs);
        print_ratio("cpu", commands[0].cpu, commands[1].cpu, runs);
    }

    return 0;
}
