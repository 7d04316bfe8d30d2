/* The directory of members and our own certificate, as musterd tells them. Read by many threads. */
#include "members.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"

static const unsigned char raft_protocol[] = "\015muster-raft/1";
#define RAFT_PROTOCOL_BYTES (sizeof raft_protocol - 1)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct member *members;
static size_t n_members;
static SSL_CTX *context;

/* --- Our own certificate ------------------------------------------------------------------------- */

static BIO *decode_base64(const char *text)
{
	size_t length = strlen(text);
	unsigned char *bytes = malloc(length / 4 * 3 + 4);
	int n = bytes == NULL ? -1 : EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length);
	BIO *bio;

	/* EVP_DecodeBlock counts the padding as zero bytes; PEM readers do not mind them. */
	bio = n < 0 ? NULL : BIO_new(BIO_s_mem());
	if (bio != NULL && BIO_write(bio, bytes, n) != n) {
		BIO_free(bio);
		bio = NULL;
	}
	if (bytes != NULL)
		OPENSSL_cleanse(bytes, length / 4 * 3);
	free(bytes);
	return bio;
}

/* Chain and dates are not checked, because trust is by key: who calls compares presented_key(). */
static int accept_any(int is_valid, X509_STORE_CTX *store)
{
	(void)is_valid;
	(void)store;
	return 1;
}

static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *length,
			   const unsigned char *offered, unsigned offered_length, void *arg)
{
	unsigned char *selected;
	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&selected, length, raft_protocol, RAFT_PROTOCOL_BYTES, offered, offered_length) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*chosen = selected;
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *create_context(X509 *certificate, EVP_PKEY *key)
{
	SSL_CTX *made = SSL_CTX_new(TLS_method());

	if (made == NULL)
		return NULL;
	SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION);
	SSL_CTX_set_verify(made, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
	SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
	/* A resumed session would show no certificate. */
	SSL_CTX_set_num_tickets(made, 0);
	SSL_CTX_set_mode(made, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_alpn_select_cb(made, choose_protocol, NULL);
	if (SSL_CTX_set_alpn_protos(made, raft_protocol, RAFT_PROTOCOL_BYTES) != 0 ||
	    SSL_CTX_use_certificate(made, certificate) != 1 || SSL_CTX_use_PrivateKey(made, key) != 1) {
		SSL_CTX_free(made);
		return NULL;
	}
	return made;
}

static bool set_identity(const char *certificate_text, const char *key_text)
{
	BIO *certificate_bio = decode_base64(certificate_text);
	BIO *key_bio = decode_base64(key_text);
	X509 *certificate = certificate_bio == NULL ? NULL : PEM_read_bio_X509(certificate_bio, NULL, NULL, NULL);
	EVP_PKEY *key = key_bio == NULL ? NULL : PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
	SSL_CTX *made = certificate == NULL || key == NULL ? NULL : create_context(certificate, key);

	BIO_free(certificate_bio);
	BIO_free(key_bio);
	X509_free(certificate);
	EVP_PKEY_free(key);
	if (made == NULL) {
		complain("the member's certificate and key cannot be used");
		return false;
	}
	pthread_mutex_lock(&lock);
	/* Sessions hold a reference of their own. */
	SSL_CTX_free(context);
	context = made;
	pthread_mutex_unlock(&lock);
	return true;
}

SSL *members_new_session(bool is_server)
{
	SSL *ssl;

	pthread_mutex_lock(&lock);
	ssl = context == NULL ? NULL : SSL_new(context);
	pthread_mutex_unlock(&lock);
	if (ssl == NULL)
		return NULL;
	if (is_server)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	return ssl;
}

/* --- The others ----------------------------------------------------------------------------------- */

static bool copy_field(char *to, size_t size, const char *field)
{
	if (field == NULL || strlen(field) >= size)
		return false;
	strcpy(to, field);
	return true;
}

static bool parse_member(char *text, struct member *member)
{
	char *rest = text;
	char *end;
	char *id = strsep(&rest, ",");

	member->id = strtoull(id, &end, 10);
	return *end == '\0' && member->id != 0 && copy_field(member->name, sizeof member->name, strsep(&rest, ",")) &&
	       copy_field(member->host, sizeof member->host, strsep(&rest, ",")) &&
	       copy_field(member->port, sizeof member->port, strsep(&rest, ",")) &&
	       copy_field(member->key, sizeof member->key, strsep(&rest, ",")) && rest == NULL;
}

static bool set_members(char *list)
{
	struct member *told = NULL;
	size_t n = 0;
	char *item;

	while ((item = strsep(&list, " ")) != NULL) {
		struct member *grown;
		if (*item == '\0')
			continue;
		grown = realloc(told, (n + 1) * sizeof *told);
		if (grown != NULL)
			told = grown;
		if (grown == NULL || !parse_member(item, &told[n])) {
			complain("the list of members cannot be used");
			free(told);
			return false;
		}
		n++;
	}
	pthread_mutex_lock(&lock);
	free(members);
	members = told;
	n_members = n;
	pthread_mutex_unlock(&lock);
	return true;
}

bool members_command(char *line)
{
	char *rest = line;
	char *command = strsep(&rest, " ");

	if (strcmp(command, "members") == 0)
		return set_members(rest == NULL ? command + strlen(command) : rest);
	if (strcmp(command, "identity") == 0 && rest != NULL) {
		char *certificate = strsep(&rest, " ");
		if (rest != NULL)
			return set_identity(certificate, rest);
	}
	complain("musterd gave a command that is not known");
	return false;
}

bool member_by_id(unsigned long long id, struct member *found)
{
	bool is_known = false;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n_members && !is_known; i++) {
		is_known = members[i].id == id;
		if (is_known)
			*found = members[i];
	}
	pthread_mutex_unlock(&lock);
	return is_known;
}

bool member_by_key(const char *key, struct member *found)
{
	bool is_known = false;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n_members && !is_known; i++) {
		is_known = strcmp(members[i].key, key) == 0;
		if (is_known)
			*found = members[i];
	}
	pthread_mutex_unlock(&lock);
	return is_known;
}

/* --- Who the other side is ------------------------------------------------------------------------ */

bool presented_key(SSL *ssl, char key[KEY_HEX_BYTES])
{
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	EVP_PKEY *public_key = certificate == NULL ? NULL : X509_get0_pubkey(certificate);
	unsigned char *der = NULL;
	unsigned char digest[32];
	int length = public_key == NULL ? -1 : i2d_PUBKEY(public_key, &der);
	bool is_known = length > 0 && EVP_Digest(der, (size_t)length, digest, NULL, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; is_known && i < sizeof digest; i++) {
		key[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		key[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	key[is_known ? KEY_HEX_BYTES - 1 : 0] = '\0';
	OPENSSL_free(der);
	X509_free(certificate);
	return is_known;
}

bool speaks_raft(SSL *ssl)
{
	const unsigned char *protocol;
	unsigned length;

	SSL_get0_alpn_selected(ssl, &protocol, &length);
	return length == RAFT_PROTOCOL_BYTES - 1 && memcmp(protocol, raft_protocol + 1, length) == 0;
}
