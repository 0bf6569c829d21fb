/* load_generator.c - load generator for OpenAI-compatible endpoints (JSON and SSE).
 *
 * Single thread, epoll, keep-alive. Two modes:
 *   closed loop (default): C connections, each sends the next request when the last one is complete
 *   open loop  (-r RATE):  requests start on a fixed schedule; latency is counted from the scheduled
 *                          start, so a stalled server cannot hide its queue
 * For streams it decodes chunked transfer, counts SSE data events, checks for the end marker, and
 * measures time to first event and per-chunk latency from the "t<ns>" stamps of mock_upstream.
 * With -p PID[,PID..] it also reports CPU time used by those processes (sum of all their threads,
 * from /proc/PID/task/N/schedstat), RSS before and after.
 *
 * Build: cc -O2 -o load_generator load_generator.c
 * Run:   ./load_generator -u 127.0.0.1:PORT/v1/chat/completions [-m model] [-s] [-c conns] [-d seconds]
 *                  [-n max_requests] [-r rate] [-w warmup_seconds] [-H "name: value"]...
 *                  [-k user_field] [-p pid,pid] [-B body_file] [-x pad_bytes] [-U (ask for usage)]
 * Prints one JSON object.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

typedef struct Conn {
    int fd, busy, got_head, chunked, status, close_hdr, done_mark, first, in_trailer, idle_next;
    int64_t clen, body_read, chunk_left; /* chunk_left: -1 = reading size line */
    int64_t t0;
    char line[65536];
    size_t ll; /* current SSE line / chunk size line share different buffers */
    char cs[32];
    int csl;
    char head[16384];
    size_t hl;
    size_t wr; /* bytes of the request written so far */
    int stamps;
} Conn;

static struct sockaddr_in addr;
static char *req;
static size_t req_len;
static int ep, stream, measuring;
static uint64_t n_ok, n_err, n_ev, n_reconn, n_status_bad, n_incomplete;
static int nconn = 64;
static int64_t *lat;
static size_t lat_n, lat_cap, fev_n, fev_cap, chl_n, chl_cap;
static int64_t *fev, *chl;
static int *idle;
static int idle_n;
static Conn *conns;
static uint64_t started, finished, max_req;
static int rate_mode;
static char first_err[400];
static int64_t *backlog;
static size_t bl_head, bl_tail, bl_cap;

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000LL + t.tv_nsec;
}
static void rec(int64_t **a, size_t *n, size_t *cap, int64_t v) {
    if (*n == *cap) {
        *cap = *cap ? *cap * 2 : 65536;
        *a = realloc(*a, *cap * 8);
    }
    (*a)[(*n)++] = v;
}
static int cmp(const void *a, const void *b) {
    int64_t x = *(int64_t *)a, y = *(int64_t *)b;
    return x < y ? -1 : x > y;
}
static double pct(int64_t *a, size_t n, double p) {
    if (!n)
        return 0;
    size_t i = (size_t)(p * (n - 1) + 0.5);
    return a[i] / 1000.0;
}

static int connect_one(Conn *c) {
    for (int tries = 0; tries < 50; tries++) {
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        int one = 1;
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (!connect(c->fd, (void *)&addr, sizeof addr)) {
            fcntl(c->fd, F_SETFL, O_NONBLOCK);
            struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
            epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
            return 0;
        }
        close(c->fd);
        usleep(20000);
    }
    fprintf(stderr, "cannot connect\n");
    exit(1);
}
static void reconnect(Conn *c) {
    epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    n_reconn++;
    connect_one(c);
}
static void finish(Conn *c, int ok);
static void start(Conn *c, int64_t t0) {
    started++;
    c->busy = 1;
    c->got_head = c->chunked = c->status = c->close_hdr = c->done_mark = c->in_trailer = 0;
    c->first = 1;
    c->clen = -1;
    c->body_read = 0;
    c->chunk_left = -1;
    c->ll = c->hl = 0;
    c->csl = 0;
    c->t0 = t0;
    c->stamps = 0;
    c->wr = 0;
    ssize_t n = write(c->fd, req, req_len);
    if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) {
        reconnect(c);
        n = write(c->fd, req, req_len);
    }
    if (n > 0)
        c->wr = n;
    if (c->wr < req_len) { /* large bodies: finish blocking-ly, good enough for a load generator */
        while (c->wr < req_len) {
            n = write(c->fd, req + c->wr, req_len - c->wr);
            if (n > 0)
                c->wr += n;
            else if (errno == EAGAIN)
                usleep(50);
            else
                break;
        }
    }
}
static void next(Conn *c) {
    if (rate_mode) {
        if (bl_head != bl_tail) {
            int64_t t = backlog[bl_head++ % bl_cap];
            start(c, t);
        } else
            idle[idle_n++] = c - conns;
    } else if (!max_req || started < max_req)
        start(c, now_ns());
    else
        idle[idle_n++] = c - conns;
}
static void finish(Conn *c, int ok) {
    int64_t t = now_ns();
    finished++;
    c->busy = 0;
    if (ok && c->status != 200) {
        ok = 0;
        n_status_bad++;
        if (!first_err[0])
            snprintf(first_err, sizeof first_err, "status %d: %.*s", c->status, (int)(c->ll > 250 ? 250 : c->ll),
                     c->line);
    }
    if (ok && stream && !c->done_mark) {
        ok = 0;
        n_incomplete++;
        if (!first_err[0])
            snprintf(first_err, sizeof first_err, "stream without end marker");
    }
    if (measuring) {
        if (ok) {
            n_ok++;
            rec(&lat, &lat_n, &lat_cap, t - c->t0);
        } else
            n_err++;
    }
}
static void sse_line(Conn *c) {
    if (c->ll && c->line[c->ll - 1] == '\r')
        c->ll--;
    if (c->ll > 5 && !memcmp(c->line, "data:", 5)) {
        if (c->first) {
            c->first = 0;
            if (measuring)
                rec(&fev, &fev_n, &fev_cap, now_ns() - c->t0);
        }
        if (memmem(c->line, c->ll > 16 ? 16 : c->ll, "[DONE]", 6))
            c->done_mark = 1;
        else {
            if (measuring)
                n_ev++;
            if (memmem(c->line, c->ll, "message_stop", 12))
                c->done_mark = 1;
            char *p = memmem(c->line, c->ll, "\"t00", 4);
            if (!p)
                p = memmem(c->line, c->ll, "\"t0", 3);
            if (p && measuring && p + 21 <= c->line + c->ll) {
                int64_t v = 0;
                int k = 0;
                for (p += 2; k < 19 && *p >= '0' && *p <= '9'; k++)
                    v = v * 10 + (*p++ - '0');
                if (k == 19)
                    rec(&chl, &chl_n, &chl_cap, now_ns() - v);
            }
        }
    }
    c->ll = 0;
}
static void body(Conn *c, const char *p, size_t n) {
    c->body_read += n;
    if (!stream || c->status != 200) {
        size_t k = sizeof c->line - c->ll;
        if (k > n)
            k = n;
        memcpy(c->line + c->ll, p, k);
        c->ll += k;
        return;
    }
    while (n) {
        const char *q = memchr(p, '\n', n);
        size_t k = q ? (size_t)(q - p) : n;
        size_t room = sizeof c->line - c->ll;
        memcpy(c->line + c->ll, p, k > room ? room : k);
        c->ll += k > room ? room : k;
        if (!q)
            return;
        sse_line(c);
        p += k + 1;
        n -= k + 1;
    }
}
/* returns 1 when the response is complete */
static int feed(Conn *c, const char *p, size_t n) {
    if (!c->got_head) {
        size_t room = sizeof c->head - c->hl, k = n > room ? room : n;
        memcpy(c->head + c->hl, p, k);
        size_t before = c->hl;
        c->hl += k;
        char *e = memmem(c->head, c->hl, "\r\n\r\n", 4);
        if (!e)
            return 0;
        size_t hlen = e + 4 - c->head, used = hlen - before;
        *e = 0;
        c->got_head = 1;
        p += used;
        n -= used;
        c->status = atoi(c->head + 9);
        for (char *l = strchr(c->head, '\n'); l; l = strchr(l, '\n')) {
            l++;
            if (!strncasecmp(l, "content-length:", 15))
                c->clen = atoll(l + 15);
            else if (!strncasecmp(l, "transfer-encoding:", 18) && strcasestr(l, "chunked"))
                c->chunked = 1;
            else if (!strncasecmp(l, "connection: close", 17))
                c->close_hdr = 1;
        }
    }
    if (!c->chunked) {
        if (n)
            body(c, p, n);
        return c->clen >= 0 && c->body_read >= c->clen;
    }
    while (n) {
        if (c->chunk_left == -1) { /* size line */
            char ch = *p++;
            n--;
            if (ch == '\n') {
                c->cs[c->csl] = 0;
                c->csl = 0;
                c->chunk_left = strtoll(c->cs, NULL, 16);
                if (!c->chunk_left) {
                    c->in_trailer = 1;
                    c->chunk_left = -3;
                }
            } else if (c->csl < 30)
                c->cs[c->csl++] = ch;
        } else if (c->chunk_left == -2) { /* CRLF after data */
            if (*p == '\n')
                c->chunk_left = -1;
            p++;
            n--;
        } else if (c->chunk_left == -3) { /* trailer: an empty line ends it */
            char ch = *p++;
            n--;
            if (ch == '\n') {
                if (c->csl == 0 || (c->csl == 1 && c->cs[0] == '\r'))
                    return 1;
                c->csl = 0;
            } else if (c->csl < 30)
                c->cs[c->csl++] = ch;
        } else {
            size_t k = n > (size_t)c->chunk_left ? (size_t)c->chunk_left : n;
            body(c, p, k);
            p += k;
            n -= k;
            c->chunk_left -= k;
            if (!c->chunk_left)
                c->chunk_left = -2;
        }
    }
    return 0;
}

static int pids[64], npids;
static int64_t cpu_ns(void) {
    int64_t sum = 0;
    for (int i = 0; i < npids; i++) {
        char d[64];
        snprintf(d, sizeof d, "/proc/%d/task", pids[i]);
        DIR *D = opendir(d);
        if (!D)
            continue;
        struct dirent *e;
        while ((e = readdir(D))) {
            if (e->d_name[0] == '.')
                continue;
            char f[400];
            snprintf(f, sizeof f, "%s/%s/schedstat", d, e->d_name);
            FILE *F = fopen(f, "r");
            long long a = 0;
            if (F) {
                if (fscanf(F, "%lld", &a) == 1)
                    sum += a;
                fclose(F);
            }
        }
        closedir(D);
    }
    return sum;
}
static double rss_mb(void) {
    double s = 0;
    for (int i = 0; i < npids; i++) {
        char f[64];
        snprintf(f, sizeof f, "/proc/%d/statm", pids[i]);
        FILE *F = fopen(f, "r");
        long a, b;
        if (F) {
            if (fscanf(F, "%ld %ld", &a, &b) == 2)
                s += b * 4096.0 / 1048576;
            fclose(F);
        }
    }
    return s;
}

int main(int argc, char **argv) {
    const char *url = "127.0.0.1:9100/v1/chat/completions", *model = "mock", *bf = NULL, *user = NULL;
    double dur = 5, rate = 0, warm = 1;
    char hdrs[8192] = "";
    int o, pad = 200, ask_usage = 0;
    while ((o = getopt(argc, argv, "u:m:sc:d:n:r:w:H:p:B:x:Uk:")) != -1)
        switch (o) {
        case 'u':
            url = optarg;
            break;
        case 'm':
            model = optarg;
            break;
        case 'k':
            user = optarg;
            break;
        case 's':
            stream = 1;
            break;
        case 'c':
            nconn = atoi(optarg);
            break;
        case 'd':
            dur = atof(optarg);
            break;
        case 'n':
            max_req = atoll(optarg);
            break;
        case 'r':
            rate = atof(optarg);
            rate_mode = 1;
            break;
        case 'w':
            warm = atof(optarg);
            break;
        case 'H':
            strcat(hdrs, optarg);
            strcat(hdrs, "\r\n");
            break;
        case 'B':
            bf = optarg;
            break;
        case 'x':
            pad = atoi(optarg);
            break;
        case 'U':
            ask_usage = 1;
            break;
        case 'p':
            for (char *t = strtok(optarg, ","); t; t = strtok(NULL, ","))
                pids[npids++] = atoi(t);
            break;
        default:
            return 2;
        }
    signal(SIGPIPE, SIG_IGN);
    if (!strncmp(url, "http://", 7))
        url += 7;
    char host[128];
    const char *slash = strchr(url, '/');
    snprintf(host, sizeof host, "%.*s", (int)(slash - url), url);
    char *colon = strchr(host, ':');
    int port = atoi(colon + 1);
    addr.sin_family = AF_INET;
    addr.sin_port = htons(port);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char *b;
    size_t bl;
    if (bf) {
        FILE *F = fopen(bf, "r");
        b = malloc(1 << 24);
        bl = fread(b, 1, 1 << 24, F);
        fclose(F);
    } else {
        b = malloc(pad + 1024);
        char *text = malloc(pad + 1);
        static const char lorem[] = "What is a pangram? Please give one short example and explain it in one sentence. ";
        for (int i = 0; i < pad; i++)
            text[i] = lorem[i % (sizeof lorem - 1)];
        text[pad] = 0;
        char ub[200] = "";
        if (user)
            snprintf(ub, sizeof ub, "\"user\":\"%s\",", user);
        bl = sprintf(
            b,
            "{\"model\":\"%s\",%s\"messages\":[{\"role\":\"system\",\"content\":\"You are a helpful assistant.\"},{\"role\":\"user\",\"content\":\"%s\"}],\"max_tokens\":128,\"temperature\":0.7%s%s}",
            model, ub, text, stream ? ",\"stream\":true" : "",
            ask_usage ? ",\"stream_options\":{\"include_usage\":true}" : "");
    }
    req = malloc(bl + 10000);
    req_len = sprintf(
        req,
        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAccept: */*\r\nUser-Agent: load_generator\r\n%sContent-Length: %zu\r\n\r\n",
        slash, host, hdrs, bl);
    memcpy(req + req_len, b, bl);
    req_len += bl;

    ep = epoll_create1(0);
    conns = calloc(nconn, sizeof *conns);
    idle = malloc(nconn * sizeof *idle);
    bl_cap = 1 << 20;
    backlog = malloc(bl_cap * 8);
    for (int i = 0; i < nconn; i++)
        connect_one(&conns[i]);
    int tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event te = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(ep, EPOLL_CTL_ADD, tfd, &te);
    int64_t t_start = now_ns(), t_meas = t_start + (int64_t)(warm * 1e9), t_end = t_meas + (int64_t)(dur * 1e9),
            t_real = 0, due = t_start;
    int64_t gap = rate_mode ? (int64_t)(1e9 / rate) : 0;
    double rss0 = rss_mb();
    int64_t cpu0 = 0, self0 = 0;
    if (rate_mode)
        for (int i = 0; i < nconn; i++)
            idle[idle_n++] = i;
    else
        for (int i = 0; i < nconn; i++)
            next(&conns[i]);
    static char buf[1 << 18];
    struct epoll_event ev[256];
    for (;;) {
        int64_t t = now_ns();
        if (!measuring && t >= t_meas) {
            measuring = 1;
            cpu0 = cpu_ns();
            t_real = now_ns();
            struct timespec s;
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &s);
            self0 = s.tv_sec * 1000000000LL + s.tv_nsec;
        }
        if (t >= t_end)
            break;
        if (max_req && finished >= max_req)
            break;
        if (rate_mode)
            while (due <= t) {
                if (idle_n)
                    start(&conns[idle[--idle_n]], due);
                else
                    backlog[bl_tail++ % bl_cap] = due;
                due += gap;
            }
        int64_t wake = measuring ? t_end : t_meas;
        if (rate_mode && due < wake)
            wake = due;
        struct itimerspec it = {.it_value = {wake / 1000000000LL, wake % 1000000000LL}};
        timerfd_settime(tfd, TFD_TIMER_ABSTIME, &it, NULL);
        int n = epoll_wait(ep, ev, 256, 1000);
        for (int i = 0; i < n; i++) {
            Conn *c = ev[i].data.ptr;
            if (!c) {
                uint64_t x;
                if (read(tfd, &x, 8)) {
                }
                continue;
            }
            for (;;) {
                ssize_t r = read(c->fd, buf, sizeof buf);
                if (r < 0) {
                    if (errno == EAGAIN)
                        break;
                    r = 0;
                }
                if (r == 0) {
                    int was = c->busy, ok = c->got_head && c->clen < 0 && !c->chunked;
                    reconnect(c);
                    if (was) {
                        if (!ok && !first_err[0])
                            snprintf(first_err, sizeof first_err, "connection closed early");
                        finish(c, ok);
                        next(c);
                    }
                    break;
                }
                if (!c->busy)
                    break;
                if (feed(c, buf, r)) {
                    int cl = c->close_hdr;
                    finish(c, 1);
                    if (cl)
                        reconnect(c);
                    next(c);
                    break;
                }
                if ((size_t)r < sizeof buf)
                    break;
            }
        }
    }
    int64_t t1 = now_ns();
    double el = (t1 - t_real) / 1e9;
    int64_t cpu1 = cpu_ns();
    struct timespec s;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &s);
    double self = (s.tv_sec * 1000000000LL + s.tv_nsec - self0) / 1e9;
    qsort(lat, lat_n, 8, cmp);
    qsort(fev, fev_n, 8, cmp);
    qsort(chl, chl_n, 8, cmp);
    double cpu = (cpu1 - cpu0) / 1000.0;
    printf(
        "{\"ok\":%lu,\"err\":%lu,\"secs\":%.3f,\"rps\":%.1f,\"lat_us\":{\"p50\":%.0f,\"p90\":%.0f,\"p99\":%.0f,\"max\":%.0f}",
        n_ok, n_err, el, n_ok / el, pct(lat, lat_n, .5), pct(lat, lat_n, .9), pct(lat, lat_n, .99), pct(lat, lat_n, 1));
    if (stream)
        printf(
            ",\"events\":%lu,\"events_s\":%.0f,\"first_us\":{\"p50\":%.0f,\"p99\":%.0f},\"chunk_us\":{\"p50\":%.0f,\"p99\":%.0f,\"max\":%.0f}",
            n_ev, n_ev / el, pct(fev, fev_n, .5), pct(fev, fev_n, .99), pct(chl, chl_n, .5), pct(chl, chl_n, .99),
            pct(chl, chl_n, 1));
    if (npids) {
        printf(",\"cpu_pct\":%.1f,\"cpu_us_req\":%.2f,\"rss_mb\":[%.1f,%.1f]", cpu / el / 1e4, n_ok ? cpu / n_ok : 0,
               rss0, rss_mb());
        if (stream && n_ev)
            printf(",\"cpu_us_event\":%.3f", cpu / n_ev);
    }
    printf(",\"self_cpu_pct\":%.1f,\"reconn\":%lu,\"bad_status\":%lu,\"incomplete\":%lu,\"first_err\":\"",
           self / el * 100, n_reconn, n_status_bad, n_incomplete);
    for (char *p = first_err; *p; p++) {
        if (*p == '"' || *p == '\\')
            putchar('\'');
        else if (*p >= 32)
            putchar(*p);
    }
    printf("\"}\n");
    return 0;
}
