/* The readers in C against which ours is measured. They look at nothing but the number of bytes; what each gets is summed up, so that
 * the compiler cannot leave anything out. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 72, CONTROL = 128, MOST = 1024 };

static struct mmsghdr headers[MOST];
static struct iovec vectors[MOST];
static unsigned char frames[MOST][FRAME], control[MOST][CONTROL];

/* Reads until so many frames have come, up to batch in a call; with room for the control messages if asked for. */
int64_t read_many(int socket, int count, int batch, int with_control)
{
    int64_t sum = 0;
    for (int i = 0; i < batch; i++) {
        vectors[i] = (struct iovec){ frames[i], FRAME };
        headers[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1 };
    }
    while (count > 0) {
        for (int i = 0; i < batch; i++) {
            headers[i].msg_hdr.msg_control = with_control ? control[i] : 0;
            headers[i].msg_hdr.msg_controllen = with_control ? CONTROL : 0;
        }
        int got = recvmmsg(socket, headers, batch, MSG_WAITFORONE, 0);
        if (got <= 0) return -1;
        for (int i = 0; i < got; i++) sum += headers[i].msg_len;
        count -= got;
    }
    return sum;
}

int64_t read_each(int socket, int count)
{
    int64_t sum = 0;
    for (; count > 0; count--) {
        ssize_t got = read(socket, frames[0], FRAME);
        if (got <= 0) return -1;
        sum += got;
    }
    return sum;
}

/* Sends messages, count of them again and again, so many in each of so many milliseconds; what was late is made up for. Returns how many. */
int64_t send_paced(int socket, unsigned char *data, int size, int count, int per_ms, int ms)
{
    struct timespec next;
    int64_t sent = 0;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (; ms > 0; ms--) {
        for (int i = 0; i < per_ms; i++, sent++)
            if (write(socket, data + sent % count * size, size) != size) return -1;
        next.tv_nsec += 1000000;
        if (next.tv_nsec >= 1000000000) { next.tv_nsec -= 1000000000; next.tv_sec++; }
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, 0);
    }
    return sent;
}

/* Sends count messages of size bytes each, one behind the other in data. */
int send_many(int socket, unsigned char *data, int size, int count)
{
    for (; count > 0; count--, data += size)
        if (write(socket, data, size) != size) return -1;
    return 0;
}
