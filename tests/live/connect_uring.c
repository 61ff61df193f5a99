/* Connects to the loopback through io_uring, where no connect system call happens.
 *
 * The kernel audits such an operation with a URINGOP record, in an event without SYSCALL. strace
 * sees nothing of it but io_uring_enter, so this program says on standard output what came of it.
 * Two connects: one at once, one by a kernel thread (IOSQE_ASYNC), which audits as that thread.
 *
 * Build: cc connect_uring.c -luring
 */
#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

static void connect_through(struct io_uring *ring, unsigned short port, unsigned flags)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct io_uring_sqe *wish = io_uring_get_sqe(ring);
    io_uring_prep_connect(wish, fd, (struct sockaddr *)&address, sizeof address);
    io_uring_sqe_set_flags(wish, flags);
    io_uring_submit(ring);

    struct io_uring_cqe *answer;
    if (io_uring_wait_cqe(ring, &answer) == 0) {
        printf("127.0.0.1:%u %d\n", port, answer->res);
        io_uring_cqe_seen(ring, answer);
    }
    close(fd);
}

int main(void)
{
    struct io_uring ring;
    if (io_uring_queue_init(8, &ring, 0) != 0) {
        fputs("this kernel gives no io_uring\n", stderr);
        return 1;
    }
    connect_through(&ring, 4301, 0);
    connect_through(&ring, 4302, IOSQE_ASYNC);
    io_uring_queue_exit(&ring);
    return 0;
}
