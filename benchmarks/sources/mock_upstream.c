/* mock_upstream.c - a very cheap fake LLM provider for gateway/client benchmarks.
 *
 * Single thread, epoll, HTTP/1.1 keep-alive. Endpoints:
 *   POST .../v1/chat/completions  OpenAI chat completion (JSON, or SSE when the body has "stream":true)
 *   POST .../v1/messages          Anthropic messages     (JSON, or SSE when the body has "stream":true)
 *   POST .../v1/responses         not implemented (404)
 *   GET  .../v1/models            model list
 *   GET  /stats                 {"requests":..,"streams":..,"chunks":..}
 *
 * The model name in the request body selects the behaviour, so it survives any proxy:
 *   "mock"                 100 content chunks, one write() each, no delay
 *   "mock-d40000"          one chunk every 40000 us
 *   "mock-n20-d1000-l5000" 20 chunks, 1 ms apart, 5 ms before the first byte
 *   "mock-b10"             10 SSE events per write()
 * Every content delta carries "t<19 digit CLOCK_MONOTONIC ns> " so that a load generator on the
 * same host can measure per-chunk latency through the thing under test.
 *
 * Build: cc -O2 -o mock_upstream mock_upstream.c
 * Run:   ./mock_upstream PORT [-v]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

typedef struct Conn {
    int fd, want_out, close_after;
    char *in;
    size_t in_len, in_cap;
    char *out;
    size_t out_len, out_off, out_cap;
    /* active response */
    int active, stream, anthropic, usage, left, idx, batch;
    int64_t delay_ns, due;
    int heap_pos; /* -1 when not in the heap */
} Conn;

static int ep, tfd, verbose;
static Conn **heap;
static int heap_n, heap_cap;
static uint64_t n_req, n_stream, n_chunk;

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* ---- timer heap ---- */
static void hswap(int a, int b) {
    Conn *t = heap[a];
    heap[a] = heap[b];
    heap[b] = t;
    heap[a]->heap_pos = a;
    heap[b]->heap_pos = b;
}
static void hup(int i) {
    while (i && heap[(i - 1) / 2]->due > heap[i]->due) {
        hswap(i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}
static void hdown(int i) {
    for (;;) {
        int l = 2 * i + 1, r = l + 1, m = i;
        if (l < heap_n && heap[l]->due < heap[m]->due)
            m = l;
        if (r < heap_n && heap[r]->due < heap[m]->due)
            m = r;
        if (m == i)
            return;
        hswap(i, m);
        i = m;
    }
}
static void hpush(Conn *c) {
    if (heap_n == heap_cap) {
        heap_cap = heap_cap ? heap_cap * 2 : 256;
        heap = realloc(heap, sizeof *heap * heap_cap);
    }
    c->heap_pos = heap_n;
    heap[heap_n++] = c;
    hup(c->heap_pos);
}
static void hdel(Conn *c) {
    int i = c->heap_pos;
    if (i < 0)
        return;
    c->heap_pos = -1;
    heap_n--;
    if (i != heap_n) {
        heap[i] = heap[heap_n];
        heap[i]->heap_pos = i;
        hdown(i);
        hup(i);
    }
}
static void arm(void) {
    struct itimerspec it = {0};
    if (heap_n) {
        int64_t d = heap[0]->due;
        if (d < 1)
            d = 1;
        it.it_value.tv_sec = d / 1000000000LL;
        it.it_value.tv_nsec = d % 1000000000LL;
    }
    timerfd_settime(tfd, TFD_TIMER_ABSTIME, &it, NULL);
}

/* ---- connection io ---- */
static void conn_free(Conn *c) {
    hdel(c);
    epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
}
static void want(Conn *c, int out) {
    if (c->want_out == out)
        return;
    c->want_out = out;
    struct epoll_event e = {.events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
}
/* returns -1 when the connection died, 1 when everything is flushed, 0 when blocked */
static int flush(Conn *c) {
    while (c->out_off < c->out_len) {
        ssize_t n = write(c->fd, c->out + c->out_off, c->out_len - c->out_off);
        if (n < 0) {
            if (errno == EAGAIN) {
                want(c, 1);
                return 0;
            }
            return -1;
        }
        c->out_off += n;
    }
    c->out_off = c->out_len = 0;
    want(c, 0);
    return 1;
}
static void put(Conn *c, const char *s, size_t n) {
    if (c->out_len + n > c->out_cap) {
        c->out_cap = (c->out_len + n) * 2;
        c->out = realloc(c->out, c->out_cap);
    }
    memcpy(c->out + c->out_len, s, n);
    c->out_len += n;
}
static void put_chunked(Conn *c, const char *s, size_t n) {
    char h[16];
    int k = snprintf(h, sizeof h, "%zx\r\n", n);
    put(c, h, k);
    put(c, s, n);
    put(c, "\r\n", 2);
}

static const char CHAT_JSON[] =
    "{\"id\":\"chatcmpl-BxK9Qb3sYkq8mZr2N7pT5vWf\",\"object\":\"chat.completion\",\"created\":1763840000,\"model\":\"gpt-4o-mini-2024-07-18\","
    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"The quick brown fox jumps over the lazy dog. This sentence is a pangram, which means that it holds every letter of the English alphabet at least once.\",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":18,\"completion_tokens\":32,\"total_tokens\":50,\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}},"
    "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_34a54ae93c\"}";
static const char ANTH_JSON[] =
    "{\"id\":\"msg_01XFDUDYJgAACzvnptvVoYEL\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\","
    "\"content\":[{\"type\":\"text\",\"text\":\"The quick brown fox jumps over the lazy dog. This sentence is a pangram, which means that it holds every letter of the English alphabet at least once.\"}],"
    "\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":18,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":32,\"service_tier\":\"standard\"}}";
static const char MODELS_JSON[] =
    "{\"object\":\"list\",\"data\":[{\"id\":\"mock\",\"object\":\"model\",\"created\":1763840000,\"owned_by\":\"mock\"}]}";
#define CHUNK_HEAD                                                                                                     \
    "data: {\"id\":\"chatcmpl-BxK9Qb3sYkq8mZr2N7pT\",\"object\":\"chat.completion.chunk\",\"created\":1763840000,\"model\":\"gpt-4o-mini\",\"system_fingerprint\":\"fp_34a54ae93c\","

static void json(Conn *c, int status, const char *body, size_t n) {
    char h[256];
    int k = snprintf(
        h, sizeof h,
        "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nx-request-id: req_0123456789abcdef\r\nContent-Length: %zu\r\n\r\n",
        status, status == 200 ? "OK" : "Not Found", n);
    put(c, h, k);
    put(c, body, n);
}
static void sse_head(Conn *c) {
    static const char h[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\nx-request-id: req_0123456789abcdef\r\nTransfer-Encoding: chunked\r\n\r\n";
    put(c, h, sizeof h - 1);
    if (c->anthropic) {
        static const char a[] =
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_01XFDUDYJgAACzvnptvVoYEL\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":18,\"output_tokens\":1}}}\n\n"
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
            "event: ping\ndata: {\"type\":\"ping\"}\n\n";
        put_chunked(c, a, sizeof a - 1);
    } else {
        static const char a[] = CHUNK_HEAD
            "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
        put_chunked(c, a, sizeof a - 1);
    }
}
static void sse_delta(Conn *c) {
    static const char o1[] = CHUNK_HEAD "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"t",
                      o2[] = " \"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
    static const char a1[] =
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"t",
                      a2[] = " \"}}\n\n";
    char b[1024];
    size_t k = 0;
    int n = c->batch > c->left ? c->left : c->batch;
    char ts[20];
    int64_t t = now_ns();
    for (int i = 18; i >= 0; i--) {
        ts[i] = '0' + t % 10;
        t /= 10;
    }
    for (int i = 0; i < n; i++) {
        if (c->anthropic) {
            k = sizeof a1 - 1;
            memcpy(b, a1, k);
            memcpy(b + k, ts, 19);
            k += 19;
            memcpy(b + k, a2, sizeof a2 - 1);
            k += sizeof a2 - 1;
        } else {
            k = sizeof o1 - 1;
            memcpy(b, o1, k);
            memcpy(b + k, ts, 19);
            k += 19;
            memcpy(b + k, o2, sizeof o2 - 1);
            k += sizeof o2 - 1;
        }
        put_chunked(c, b, k);
    }
    c->left -= n;
    c->idx += n;
    n_chunk += n;
}
static void sse_tail(Conn *c) {
    if (c->anthropic) {
        static const char a[] =
            "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":100}}\n\n"
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
        put_chunked(c, a, sizeof a - 1);
    } else {
        static const char f[] =
            CHUNK_HEAD "\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n";
        static const char u[] = CHUNK_HEAD
            "\"choices\":[],\"usage\":{\"prompt_tokens\":18,\"completion_tokens\":100,\"total_tokens\":118,\"prompt_tokens_details\":{\"cached_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}}}\n\n";
        put_chunked(c, f, sizeof f - 1);
        if (c->usage)
            put_chunked(c, u, sizeof u - 1);
        put_chunked(c, "data: [DONE]\n\n", 14);
    }
    put(c, "0\r\n\r\n", 5);
}

static int try_requests(Conn *c);

/* pushes an active response forward; -1 when the connection died */
static int advance(Conn *c) {
    if (!c->active)
        return 0;
    if (!c->stream) {
        if (c->anthropic)
            json(c, 200, ANTH_JSON, sizeof ANTH_JSON - 1);
        else
            json(c, 200, CHAT_JSON, sizeof CHAT_JSON - 1);
        c->active = 0;
        int r = flush(c);
        return r < 0 ? -1 : 0;
    }
    for (;;) {
        if (c->idx < 0) {
            sse_head(c);
            c->idx = 0;
        } else if (c->left > 0)
            sse_delta(c);
        else {
            sse_tail(c);
            c->active = 0;
            return flush(c) < 0 ? -1 : 0;
        }
        int r = flush(c);
        if (r < 0)
            return -1;
        if (c->delay_ns && c->left > 0) {
            c->due += c->delay_ns;
            hpush(c);
            return 0;
        }
        if (r == 0)
            return 0; /* resumed by EPOLLOUT */
    }
}

static int opt(const char *m, const char *e, char k, int dflt) {
    for (const char *p = m; p + 2 < e; p++)
        if (p[0] == '-' && p[1] == k && p[2] >= '0' && p[2] <= '9')
            return atoi(p + 2);
    return dflt;
}
static int has_true(const char *b, size_t n, const char *key) {
    const char *p = memmem(b, n, key, strlen(key));
    if (!p)
        return 0;
    p += strlen(key);
    const char *e = b + n;
    while (p < e && (*p == ' ' || *p == ':'))
        p++;
    return p < e && *p == 't';
}
static void start_request(Conn *c, const char *path, size_t pl, const char *body, size_t bl) {
    n_req++;
    if (verbose)
        fprintf(stderr, "> %.*s %.*s\n", (int)pl, path, (int)(bl > 600 ? 600 : bl), body);
    int chat = memmem(path, pl, "/chat/completions", 17) != NULL, anth = memmem(path, pl, "/messages", 9) != NULL;
    if (!chat && !anth) {
        if (memmem(path, pl, "/models", 7))
            json(c, 200, MODELS_JSON, sizeof MODELS_JSON - 1);
        else if (memmem(path, pl, "/stats", 6)) {
            char s[128];
            int k =
                snprintf(s, sizeof s, "{\"requests\":%lu,\"streams\":%lu,\"chunks\":%lu}", n_req, n_stream, n_chunk);
            json(c, 200, s, k);
        } else
            json(c, 404, "{\"error\":{\"message\":\"not found\"}}", 33);
        return;
    }
    const char *m = memmem(body, bl, "\"mock", 5), *e = m ? memchr(m + 1, '"', body + bl - m - 1) : NULL;
    if (!m || !e) {
        m = e = "";
    }
    c->active = 1;
    c->anthropic = anth;
    c->stream = has_true(body, bl, "\"stream\"");
    c->usage = has_true(body, bl, "\"include_usage\"");
    c->left = opt(m, e, 'n', 100);
    c->batch = opt(m, e, 'b', 1);
    c->idx = -1;
    c->delay_ns = (int64_t)opt(m, e, 'd', 0) * 1000;
    int64_t lat = (int64_t)opt(m, e, 'l', 0) * 1000;
    if (c->stream)
        n_stream++;
    c->due = c->delay_ns || lat ? now_ns() : 0;
    if (lat) {
        c->due += lat;
        hpush(c);
    }
}

/* case-insensitive header lookup inside [h, e) */
static const char *hdr(const char *h, const char *e, const char *name) {
    size_t n = strlen(name);
    for (const char *p = h; p < e;) {
        const char *q = memchr(p, '\n', e - p);
        if (!q)
            q = e;
        if ((size_t)(q - p) > n && !strncasecmp(p, name, n) && p[n] == ':') {
            p += n + 1;
            while (*p == ' ')
                p++;
            return p;
        }
        p = q + 1;
    }
    return NULL;
}
/* parses as many requests as possible; -1 when the connection must die */
static int try_requests(Conn *c) {
    while (!c->active && c->in_len) {
        char *he = memmem(c->in, c->in_len, "\r\n\r\n", 4);
        if (!he)
            return 0;
        char *lend = memchr(c->in, '\n', c->in_len);
        size_t hl = he + 4 - c->in, bl = 0, total;
        const char *v;
        char *body = c->in + hl;
        if ((v = hdr(lend + 1, he + 2, "content-length"))) {
            bl = strtoul(v, NULL, 10);
            total = hl + bl;
            if (c->in_len < total)
                return 0;
        } else if ((v = hdr(lend + 1, he + 2, "transfer-encoding")) && !strncasecmp(v, "chunked", 7)) {
            char *p = body, *w = body, *e = c->in + c->in_len;
            /* first a dry run, so that nothing is moved before the body is complete */
            for (int pass = 0; pass < 2; pass++) {
                p = body;
                for (;;) {
                    char *nl = memmem(p, e - p, "\r\n", 2);
                    if (!nl)
                        return 0;
                    size_t n = strtoul(p, NULL, 16);
                    p = nl + 2;
                    if (p + n + 2 > e)
                        return 0;
                    if (pass && n) {
                        memmove(w, p, n);
                        w += n;
                    }
                    p += n + 2;
                    if (!n)
                        break;
                }
            }
            total = p - c->in;
            bl = w - body;
        } else
            total = hl;
        char *sp = memchr(c->in, ' ', lend - c->in), *sp2 = sp ? memchr(sp + 1, ' ', lend - sp - 1) : NULL;
        if (!sp2)
            return -1;
        start_request(c, sp + 1, sp2 - sp - 1, body, bl);
        memmove(c->in, c->in + total, c->in_len - total);
        c->in_len -= total;
        if (c->active && c->heap_pos < 0) {
            if (advance(c) < 0)
                return -1;
        } else if (flush(c) < 0)
            return -1;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s PORT [-v]\n", argv[0]);
        return 2;
    }
    verbose = argc > 2;
    signal(SIGPIPE, SIG_IGN);
    int ls = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(ls, (void *)&a, sizeof a) || listen(ls, 4096)) {
        perror("bind");
        return 1;
    }
    ep = epoll_create1(0);
    tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(ep, EPOLL_CTL_ADD, ls, &e);
    e.data.ptr = &tfd;
    epoll_ctl(ep, EPOLL_CTL_ADD, tfd, &e);
    struct epoll_event ev[256];
    for (;;) {
        arm();
        int n = epoll_wait(ep, ev, 256, -1);
        for (int i = 0; i < n; i++) {
            Conn *c = ev[i].data.ptr;
            if (!c) {
                int fd;
                while ((fd = accept4(ls, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    Conn *k = calloc(1, sizeof *k);
                    k->fd = fd;
                    k->heap_pos = -1;
                    k->in_cap = 8192;
                    k->in = malloc(k->in_cap);
                    struct epoll_event x = {.events = EPOLLIN, .data.ptr = k};
                    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &x);
                }
                continue;
            }
            if ((void *)c == (void *)&tfd) {
                uint64_t x;
                if (read(tfd, &x, 8)) {
                }
                continue;
            }
            int dead = 0;
            if (ev[i].events & (EPOLLHUP | EPOLLERR))
                dead = 1;
            if (!dead && ev[i].events & EPOLLIN) {
                for (;;) {
                    if (c->in_cap - c->in_len < 4096) {
                        c->in_cap *= 2;
                        c->in = realloc(c->in, c->in_cap);
                    }
                    size_t room = c->in_cap - c->in_len - 1;
                    ssize_t r = read(c->fd, c->in + c->in_len, room);
                    if (r == 0) {
                        dead = 1;
                        break;
                    }
                    if (r < 0) {
                        if (errno != EAGAIN)
                            dead = 1;
                        break;
                    }
                    c->in_len += r;
                    c->in[c->in_len] = 0;
                    if ((size_t)r < room)
                        break;
                }
                if (!dead && try_requests(c) < 0)
                    dead = 1;
            }
            if (!dead && ev[i].events & EPOLLOUT) {
                int r = flush(c);
                if (r < 0)
                    dead = 1;
                else if (r == 1 && c->active && c->heap_pos < 0) {
                    if (advance(c) < 0 || try_requests(c) < 0)
                        dead = 1;
                }
            }
            if (dead)
                conn_free(c);
        }
        if (heap_n) {
            int64_t t = now_ns();
            while (heap_n && heap[0]->due <= t) {
                Conn *c = heap[0];
                hdel(c);
                if (advance(c) < 0 || try_requests(c) < 0)
                    conn_free(c);
            }
        }
    }
}
