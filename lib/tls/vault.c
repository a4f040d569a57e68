// SPDX-License-Identifier: MIT
/*
 * Memory for secrets: locked, left out of core dumps, wiped when it is given back. It is
 * shared out of larger pieces, because what a user may lock is little (often 8 MiB).
 */
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>

#include <openssl/crypto.h>

#include "ssl_priv.h"

enum { PIECE = 1 << 16 };

union slot {
	struct {
		struct ktls_watch watch; /* first: a watch is its slot */
		bool locked;
	} used;
	struct {
		union slot *next;
		bool locked;
	} spare;
};

/* Of the process, as the limit is. Pieces are never given back: who had so many
 * connections once may have them again. */
static struct {
	pthread_mutex_t lock;
	union slot *spare;
} vault = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void add_spare(union slot *s, bool locked)
{
	s->spare.next = vault.spare;
	s->spare.locked = locked;
	vault.spare = s;
}

static void add_piece(void)
{
	union slot *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool locked;

	if (piece == MAP_FAILED)
		return;
	/* Either may be refused; a secret that is not locked is still better kept here.
	 */
	locked = !mlock(piece, PIECE);
	locked &= !madvise(piece, PIECE, MADV_DONTDUMP);
	for (size_t i = 0; i < PIECE / sizeof(*piece); i++)
		add_spare(&piece[i], locked);
}

struct ktls_watch *ktls_vault_get(void)
{
	union slot *s;
	bool locked;

	pthread_mutex_lock(&vault.lock);
	if (!vault.spare)
		add_piece();
	s = vault.spare;
	if (s)
		vault.spare = s->spare.next;
	pthread_mutex_unlock(&vault.lock);
	if (!s)
		return NULL;
	locked = s->spare.locked;
	s->used.watch = (struct ktls_watch){ .locked = locked, .alert = -1 };
	s->used.locked = locked;
	return &s->used.watch;
}

void ktls_vault_put(struct ktls_watch *w)
{
	union slot *s = (union slot *)w;
	bool locked;

	if (!w)
		return;
	locked = s->used.locked;
	OPENSSL_cleanse(s, sizeof(*s));
	pthread_mutex_lock(&vault.lock);
	add_spare(s, locked);
	pthread_mutex_unlock(&vault.lock);
}
