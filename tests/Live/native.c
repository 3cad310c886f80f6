/* What src/ says of the kernel's and libc's structures, compared with their headers. NativeTests appends a check of each
 * constant, and puts the C# constants SizeOf... before it all. Compiled for each architecture, never run. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/blkpg.h>
#include <linux/cdrom.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/xattr.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
/* Names of ours among the headers', and of RFCs. */
#define PROT_READ_WRITE (PROT_READ | PROT_WRITE)
#define RTPROT_AZPROVISION 245
#define NLM_F_NEW (NLM_F_CREATE | NLM_F_EXCL)
#define BOOTREQUEST 1
#define BOOTREPLY 2
#define RFC4361 255
#define UDP IPPROTO_UDP

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "size of " #type)
#define FITS(type, bytes) _Static_assert(sizeof(type) <= (bytes), "room for " #type)
#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type " " #field)

/* Arguments and results: nint and nuint where libc has long, int and uint where it has 32 bits. */
SIZE(off_t, 8); SIZE(size_t, 8); SIZE(ssize_t, 8); SIZE(nfds_t, 8); SIZE(long, 8);
SIZE(int, 4); SIZE(mode_t, 4); SIZE(uid_t, 4); SIZE(gid_t, 4); SIZE(pid_t, 4); SIZE(socklen_t, 4); SIZE(clockid_t, 4);

/* Descriptor.cs, Libc.Files.cs */
SIZE(struct statx, SizeOfStatx);
AT(struct statx, stx_uid, 20); AT(struct statx, stx_gid, 24); AT(struct statx, stx_mode, 28); AT(struct statx, stx_ino, 32);
AT(struct statx, stx_size, 40); AT(struct statx, stx_mtime.tv_sec, 112);
AT(struct statx, stx_dev_major, 136); AT(struct statx, stx_dev_minor, 140);
SIZE(((struct statx *)0)->stx_mode, 2);
_Static_assert(S_IFBLK == 0x6000 && S_IFDIR == 0x4000 && S_IFLNK == 0xA000 && S_IFREG == 0x8000, "types of files");
AT(struct dirent64, d_reclen, 16); AT(struct dirent64, d_name, NameOffset);
SIZE(struct open_how, 24); AT(struct open_how, flags, 0); AT(struct open_how, mode, 8); AT(struct open_how, resolve, 16);
_Static_assert(__builtin_strcmp(XATTR_NAME_SELINUX, "security.selinux") == 0, "the label's attribute");

/* Libc.Block.cs */
SIZE(struct blkpg_partition, 19 * 8); AT(struct blkpg_partition, start, 0); AT(struct blkpg_partition, length, 8);
AT(struct blkpg_partition, pno, 16);
SIZE(struct blkpg_ioctl_arg, 24); AT(struct blkpg_ioctl_arg, op, 0); AT(struct blkpg_ioctl_arg, datalen, 8);
AT(struct blkpg_ioctl_arg, data, 16);

/* Libc.IoUring.cs and Files/SyncRing.cs */
SIZE(struct io_uring_params, SizeOfParameters); SIZE(struct io_uring_sqe, SizeOfSubmission); SIZE(struct io_uring_cqe, SizeOfCompletion);
AT(struct io_uring_params, sq_entries, 0); AT(struct io_uring_params, cq_entries, 4);
AT(struct io_uring_params, sq_off.head, 40); AT(struct io_uring_params, sq_off.tail, 44);
AT(struct io_uring_params, sq_off.ring_mask, 48); AT(struct io_uring_params, sq_off.array, 64);
AT(struct io_uring_params, cq_off.head, 80); AT(struct io_uring_params, cq_off.tail, 84);
AT(struct io_uring_params, cq_off.ring_mask, 88); AT(struct io_uring_params, cq_off.cqes, 100);
AT(struct io_uring_sqe, opcode, 0); AT(struct io_uring_sqe, fd, 4); AT(struct io_uring_sqe, user_data, 32);
AT(struct io_uring_cqe, user_data, 0); AT(struct io_uring_cqe, res, 8);

/* Libc.Locks.cs */
SIZE(struct flock, 32); AT(struct flock, l_type, 0); AT(struct flock, l_whence, 2); AT(struct flock, l_start, 8);
AT(struct flock, l_len, 16); AT(struct flock, l_pid, 24);

/* Libc.Netlink.cs, Libc.Packet.cs, Libc.Sockets.cs */
SIZE(struct sockaddr_nl, SizeOfSockaddrNl); AT(struct sockaddr_nl, nl_pid, 4); AT(struct sockaddr_nl, nl_groups, 8);
SIZE(struct sockaddr_ll, SizeOfSockaddrLl); AT(struct sockaddr_ll, sll_protocol, 2); AT(struct sockaddr_ll, sll_ifindex, 4);
AT(struct sockaddr_ll, sll_halen, 11); AT(struct sockaddr_ll, sll_addr, 12);
SIZE(struct sockaddr_in, SizeOfSockaddrIn); AT(struct sockaddr_in, sin_port, 2); AT(struct sockaddr_in, sin_addr, 4);
SIZE(struct ethtool_drvinfo, SizeOfDriverInfo); AT(struct ethtool_drvinfo, driver, 4); SIZE(((struct ethtool_drvinfo *)0)->driver, 32);
SIZE(struct ifreq, 40); AT(struct ifreq, ifr_data, IFNAMSIZ);
SIZE(struct sock_filter, 8); SIZE(struct sock_fprog, 16); AT(struct sock_fprog, len, 0); AT(struct sock_fprog, filter, 8);
SIZE(struct pollfd, 8); AT(struct pollfd, events, 4); AT(struct pollfd, revents, 6);
SIZE(struct ifinfomsg, SizeOfIfinfomsg); SIZE(struct ifaddrmsg, SizeOfIfaddrmsg);

/* Libc.Host.cs, Libc.Signals.cs, Libc.Spawn.cs */
SIZE(struct timespec, 16); AT(struct timespec, tv_nsec, 8);
SIZE(sigset_t, SizeOfSigset); FITS(struct sigaction, 32 * 8); AT(struct sigaction, sa_handler, 0);
FITS(posix_spawnattr_t, SizeOfOpaque); FITS(posix_spawn_file_actions_t, SizeOfOpaque); FITS(sigset_t, SizeOfOpaque);
