/* SPDX-License-Identifier: MIT */
/** @file store/statement.h
 *  The statements of a store that are prepared once. */
#ifndef CX_STORE_STATEMENT_H
#define CX_STORE_STATEMENT_H

/** An assertion that nothing takes back. A retraction cannot itself be taken back: the fact is asserted anew. */
#define CX__SQL_ACTIVE(table) " NOT EXISTS (SELECT 1 FROM assertion r WHERE r.retracts = " table ".id) "

#define CX__EVENT_FROM " FROM event e LEFT JOIN identifier i ON i.number = e.identifier "

/* X(name, text) */
#define CX__SQL_MAP(X)                                                                                                 \
  X(BEGIN, "BEGIN")                                                                                                    \
  X(END, "COMMIT")                                                                                                     \
  X(COUNTS_READ, "SELECT name, value FROM meta")                                                                       \
  X(COUNT_WRITE, "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2")         \
  X(IDENTIFIER_FIND, "SELECT number, first_seen, verified FROM identifier WHERE value = ?1 AND namespace = ?2")        \
  X(IDENTIFIER_ADD,                                                                                                    \
    "INSERT INTO identifier (namespace, value, verified, first_seen, person) VALUES (?1, ?2, ?3, ?4, ?5)")             \
  X(IDENTIFIER_NOTE,                                                                                                   \
    "UPDATE identifier SET first_seen = min(first_seen, ?2), verified = max(verified, ?3) WHERE number = ?1")          \
  X(IDENTIFIER_READ, "SELECT namespace, value, verified, first_seen, person FROM identifier WHERE number = ?1")        \
  X(IDENTIFIER_PERSON, "UPDATE identifier SET person = ?2 WHERE number = ?1")                                          \
  X(LINKS, "SELECT kind, a, b, time, id FROM assertion s WHERE a = ?1 AND" CX__SQL_ACTIVE(                             \
               "s") "UNION ALL SELECT kind, a, b, time, id FROM assertion s WHERE b = ?1 AND a <> ?1 "                 \
                    "AND" CX__SQL_ACTIVE("s"))                                                                         \
  X(ASSERTION_FIND, "SELECT digest, a, b FROM assertion WHERE id = ?1")                                                \
  X(ASSERTION_ADD, "INSERT INTO assertion (id, digest, kind, a, b, verified, retracts, time, source, reason) "         \
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")                                                 \
  X(CONTENT_FIND, "SELECT digest FROM content WHERE item = ?1 AND digest = ?2")                                        \
  X(CONTENT_ADD, "INSERT INTO content (item, digest, title, time, published, valid_from, valid_until) "                \
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                                                \
  X(TOPIC_ADD, "INSERT INTO topic (content, topic) VALUES (?1, ?2)")                                                   \
  X(TOPICS, "SELECT topic FROM topic WHERE content = ?1 ORDER BY topic")                                               \
  X(PREFERENCE_FIND, "SELECT digest FROM preference WHERE id = ?1")                                                    \
  X(PREFERENCE_ADD,                                                                                                    \
    "INSERT INTO preference (id, digest, identifier, verified, topic, strength, source, time, valid_until) "           \
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")                                                                     \
  X(CONSENT_FIND, "SELECT digest FROM consent WHERE id = ?1")                                                          \
  X(CONSENT_ADD,                                                                                                       \
    "INSERT INTO consent (id, digest, identifier, verified, purpose, channel, state, basis, evidence, source, time, "  \
    "valid_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")                                         \
  X(MESSAGE_FIND, "SELECT digest, event FROM message WHERE id_hash = ?1")                                              \
  X(MESSAGE_HAS, "SELECT 1 FROM message WHERE id_hash = ?1 AND digest = ?2")                                           \
  X(MESSAGE_ADD, "INSERT INTO message (id_hash, digest, event) VALUES (?1, ?2, ?3)")                                   \
  X(MESSAGE_EVENTS,                                                                                                    \
    "SELECT e.number, e.id, e.time, m.digest, e.collision FROM message m JOIN event e ON e.number = m.event "          \
    "WHERE m.id_hash = ?1")                                                                                            \
  X(EVENT_ID, "SELECT id FROM event WHERE number = ?1")                                                                \
  X(EVENT_MARK, "UPDATE event SET collision = ?2 WHERE number = ?1")                                                   \
  X(EVENT_ADD,                                                                                                         \
    "INSERT INTO event (number, identifier, time, kind, collision, verified, line, lines, mentions, digest, "          \
    "received, id, name, channel, order_id, currency, properties) "                                                    \
    "VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)")                               \
  X(MENTION_ADD, "INSERT INTO mention (event, position, identifier) VALUES (?1, ?2, ?3)")                              \
  X(MENTIONS, "SELECT i.namespace, i.value FROM mention m JOIN identifier i ON i.number = m.identifier "               \
              "WHERE m.event = ?1 ORDER BY m.position")                                                                \
  X(LINE_ADD, "INSERT INTO line (number, item, title, quantity, quantity_scale, price, price_scale) "                  \
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                                                   \
  X(LINES, "SELECT item, title, quantity, quantity_scale, price, price_scale FROM line "                               \
           "WHERE number >= ?1 AND number < ?1 + ?2 ORDER BY number")                                                  \
  X(QUARANTINE_FIND, "SELECT 1 FROM quarantine WHERE low = ?1 AND high = ?2")                                          \
  X(QUARANTINE_ADD,                                                                                                    \
    "INSERT INTO quarantine (low, high, source, row, byte, reason, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")          \
  X(QUARANTINE_READ, "SELECT source, row, byte, reason, raw FROM quarantine ORDER BY source, row, byte, low, high")    \
  X(FIND_VALUE, "SELECT namespace, person FROM identifier WHERE value = ?1 ORDER BY namespace")                        \
  X(FIND_IDENTIFIER, "SELECT person FROM identifier WHERE value = ?1 AND namespace = ?2")                              \
  X(FIND_PERSON, "SELECT 1 FROM identifier WHERE person = ?1 LIMIT 1")                                                 \
  X(ALL_IDENTIFIERS, "SELECT namespace, value, person FROM identifier")                                                \
  X(PERSON_IDENTIFIERS,                                                                                                \
    "SELECT namespace, value, verified FROM identifier WHERE person = ?1 ORDER BY namespace, value")                   \
  X(PERSON_EVENTS, "SELECT " CX__EVENT_COLUMNS " FROM identifier i JOIN event e ON e.identifier = i.number "           \
                   "WHERE i.person = ?1 AND e.time <= ?2 AND e.collision = 0 ORDER BY e.time, e.id")                   \
  X(PERSON_PREFERENCES,                                                                                                \
    "SELECT i.namespace, i.value, p.verified, p.id, p.topic, p.strength, p.source, p.time, p.valid_until "             \
    "FROM identifier i JOIN preference p ON p.identifier = i.number WHERE i.person = ?1 AND p.time <= ?2 "             \
    "ORDER BY p.topic, p.time DESC, p.digest DESC, p.id DESC")                                                         \
  X(PERSON_CONSENTS,                                                                                                   \
    "SELECT i.namespace, i.value, c.verified, c.id, c.purpose, c.channel, c.state, c.basis, c.evidence, c.source, "    \
    "c.time, c.valid_until FROM identifier i JOIN consent c ON c.identifier = i.number WHERE i.person = ?1 "           \
    "ORDER BY c.time, c.id, c.digest")                                                                                 \
  X(DENIALS,                                                                                                           \
    "SELECT i.person, c.channel, c.state, c.time FROM consent c JOIN identifier i ON i.number = c.identifier "         \
    "WHERE c.purpose = ?1 ORDER BY i.person")                                                                          \
  X(CURRENCIES,                                                                                                        \
    "SELECT DISTINCT coalesce(currency, '') FROM event NOT INDEXED WHERE kind IN (1, 2) AND identifier IS NOT NULL "   \
    "AND collision = 0 AND time <= ?1 AND lines > 0 ORDER BY 1")                                                       \
  X(PURCHASES,                                                                                                         \
    "SELECT i.person, e.time, e.kind, e.order_id, coalesce(e.currency, ''), e.line, e.lines FROM event e NOT INDEXED " \
    "JOIN identifier i ON i.number = e.identifier WHERE e.kind IN (1, 2) AND e.collision = 0 AND e.time <= ?1 "        \
    "ORDER BY e.time, e.id, e.digest")                                                                                 \
  X(INTERACTIONS,                                                                                                      \
    "SELECT i.person, e.time, e.kind, e.line, e.lines FROM event e NOT INDEXED "                                       \
    "LEFT JOIN identifier i ON i.number = e.identifier WHERE e.lines > 0 AND e.collision = 0 AND e.time <= ?1 "        \
    "ORDER BY e.time, e.id, e.digest")                                                                                 \
  X(CONTENTS_NOW, "SELECT number, item, title, published, valid_from, valid_until FROM content "                       \
                  "WHERE time IS NULL OR time <= ?1 ORDER BY item, coalesce(time, ?2) DESC, digest DESC")              \
  X(PEOPLE, "SELECT person FROM identifier GROUP BY person HAVING min(first_seen) <= ?1 ORDER BY person")              \
  X(EXPORT_PEOPLE, "SELECT person, namespace, value, verified FROM identifier ORDER BY person, namespace, value")      \
  X(EXPORT_ASSERTIONS,                                                                                                 \
    "SELECT s.id, s.kind, a.namespace, a.value, b.namespace, b.value, s.verified, s.retracts, s.time, s.source, "      \
    "s.reason, s.digest FROM assertion s LEFT JOIN identifier a ON a.number = s.a "                                    \
    "LEFT JOIN identifier b ON b.number = s.b ORDER BY s.id, s.time, s.digest")                                        \
  X(EXPORT_EVENTS, "SELECT " CX__EVENT_COLUMNS CX__EVENT_FROM "ORDER BY e.time, e.id, e.digest")                       \
  X(EXPORT_CONTENTS, "SELECT number, item, title, time, published, valid_from, valid_until FROM content "              \
                     "ORDER BY item, coalesce(time, ?1), digest")                                                      \
  X(EXPORT_PREFERENCES,                                                                                                \
    "SELECT i.namespace, i.value, p.verified, p.id, p.topic, p.strength, p.source, p.time, p.valid_until "             \
    "FROM preference p JOIN identifier i ON i.number = p.identifier ORDER BY p.id, p.time, p.digest")                  \
  X(EXPORT_CONSENTS,                                                                                                   \
    "SELECT i.namespace, i.value, c.verified, c.id, c.purpose, c.channel, c.state, c.basis, c.evidence, c.source, "    \
    "c.time, c.valid_until FROM consent c JOIN identifier i ON i.number = c.identifier ORDER BY c.id, c.time, "        \
    "c.digest")                                                                                                        \
  X(MODEL_READ, "SELECT generation FROM model WHERE kind = ?1")                                                        \
  X(MODEL_WRITE,                                                                                                       \
    "INSERT INTO model (kind, generation) VALUES (?1, ?2) ON CONFLICT (kind) DO UPDATE SET generation = ?2")

#endif
