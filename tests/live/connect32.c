/* Connects to a refusing port of the loopback as a 32-bit program, by each door there is.
 *
 * i386 has two: the calls of their own number (socket 359, connect 362; since Linux 4.3) and
 * socketcall (102), whose arguments lie in memory, where only a SOCKETCALL record shows them.
 * glibc picks one of the two at its own discretion, so this program goes past it.
 *
 * Build: cc -m32 connect32.c
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SOCKETCALL_SOCKET = 1, SOCKETCALL_CONNECT = 3 };

static struct sockaddr_in loopback(unsigned short port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void connect_by_number(unsigned short port)
{
    struct sockaddr_in address = loopback(port);
    long fd = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
    syscall(SYS_connect, fd, &address, sizeof address);
    close(fd);
}

#ifdef SYS_socketcall
static void connect_by_socketcall(unsigned short port)
{
    struct sockaddr_in address = loopback(port);
    unsigned long how[3] = { AF_INET, SOCK_STREAM, 0 };
    long fd = syscall(SYS_socketcall, SOCKETCALL_SOCKET, how);
    unsigned long whereto[3] = { fd, (unsigned long)&address, sizeof address };
    syscall(SYS_socketcall, SOCKETCALL_CONNECT, whereto);
    close(fd);
}
#endif

int main(void)
{
    connect_by_number(3201);
#ifdef SYS_socketcall
    connect_by_socketcall(3202);
#endif
    return 0;
}
