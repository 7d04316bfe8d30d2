/* What musterd tells about the members: who we are, and whom we know. */
#ifndef MUSTER_MEMBERS_H
#define MUSTER_MEMBERS_H

#include <openssl/ssl.h>
#include <stdbool.h>

#define KEY_HEX_BYTES 65

struct member {
	unsigned long long id;
	char name[256];
	char host[256];
	char port[8];
	/* SHA-256 of the public key (DER SubjectPublicKeyInfo), lower-case hex. */
	char key[KEY_HEX_BYTES];
};

/* Takes a line of musterd: "identity CERT KEY" (PEM in base64) or "members ID,NAME,HOST,PORT,KEY ...". */
bool members_command(char *line);

bool member_by_id(unsigned long long id, struct member *found);
bool member_by_key(const char *key, struct member *found);

/* A new TLS session with our certificate; NULL before musterd has told it. */
SSL *members_new_session(bool is_server);

/* The key that the other side proved to hold; false when it showed no certificate. */
bool presented_key(SSL *ssl, char key[KEY_HEX_BYTES]);

bool speaks_raft(SSL *ssl);

#endif
