/* Makes one connect of each kind that audit rules tell apart. Which one it is, is its port: 40000,
 * and 100 for the way, 10 for the address, 1 for the outcome; see fates.sh. Compiled twice. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OK, OPEN, REFUSED };

static void make(int way, int shape, int outcome) {
    struct sockaddr_storage address;
    struct sockaddr_in *four = (void *)&address;
    struct sockaddr_in6 *six = (void *)&address;
    int port = htons(40000 + 100 * way + 10 * shape + outcome);
    int family = shape == 1 ? AF_INET6 : AF_INET;
    long length = shape == 0 ? sizeof *four : shape == 1 ? sizeof *six : sizeof address;
    memset(&address, 0, sizeof address);
    address.ss_family = family;
    if (family == AF_INET6) {
        six->sin6_port = port;
        six->sin6_addr = in6addr_loopback;
    } else {
        four->sin_port = port;
        four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    /* For UDP a connect only remembers the address; nobody listens on the ports for TCP. */
    int type = outcome == OK ? SOCK_DGRAM : SOCK_STREAM;
    int fd = socket(family, type | (outcome == OPEN ? SOCK_NONBLOCK : 0), 0);
    if (way == 2) {
#ifdef SYS_socketcall
        long arguments[3] = {fd, (long)&address, length};
        syscall(SYS_socketcall, 3, arguments);
#endif
    } else {
        syscall(SYS_connect, fd, &address, length);
    }
    close(fd);
}

int main(void) {
    for (int shape = 0; shape < 3; shape++)
        for (int outcome = OK; outcome <= REFUSED; outcome++) {
            make(sizeof(long) == 8 ? 0 : 1, shape, outcome);
            if (sizeof(long) == 4) make(2, shape, outcome);
        }
    return 0;
}
