/* PID 1 of the smallest machine: mounts the disk, provisions it as an initramfs does, says how that ended, ends the
 * machine. Built with the kernel's own tools/include/nolibc, without any C library. */

#include <linux/utsname.h>

static void give_up(const char *what)
{
	printf("guest: %s: errno %d\n", what, errno);
	reboot(LINUX_REBOOT_CMD_RESTART);
}

static void say_time(const char *what)
{
	struct timespec now;

	my_syscall2(__NR_clock_gettime, CLOCK_MONOTONIC, &now);
	printf("guest: %s %d ms after kernel start\n", what, (int)(now.tv_sec * 1000 + now.tv_nsec / 1000000));
}

/* The kernel passes on the arguments behind "--" of its command line. */
int main(int argc, char **argv, char **environment)
{
	struct new_utsname name;
	int pid, status;

	say_time("init");
	if (mount("none", "/dev", "devtmpfs", 0, NULL) < 0)
		give_up("mount /dev");
	if (mount("/dev/vda", "/sysroot", "ext2", 0, NULL) < 0)
		give_up("mount /sysroot");
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		argv[0] = "/azprovision";
		execve(argv[0], argv, environment);
		printf("guest: %s: errno %d\n", argv[0], errno);
		exit(127);
	}
	if (waitpid(pid, &status, 0) < 0)
		give_up("wait");
	say_time("end");
	if (WIFEXITED(status))
		printf("guest: exit %d\n", WEXITSTATUS(status));
	else
		printf("guest: killed by signal %d\n", status & 127);
	my_syscall1(__NR_uname, &name);
	printf("guest: host name %s\n", name.nodename);
	/* Busy, had the program left anything open or mounted. */
	if (my_syscall2(__NR_umount2, "/sysroot", 0) < 0)
		printf("guest: the disk is still in use\n");
	else
		printf("guest: nothing left behind\n");
	/* Without ACPI nothing can switch the power off, but QEMU ends at a restart. */
	reboot(LINUX_REBOOT_CMD_RESTART);
	return argc;
}
