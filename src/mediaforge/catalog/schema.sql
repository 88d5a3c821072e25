CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE change (
	id INTEGER NOT NULL,
	at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	command TEXT NOT NULL,
	items INTEGER NOT NULL,
	aspects TEXT NOT NULL,
	undone_at TEXT,
	CONSTRAINT pk_change PRIMARY KEY (id)
);
CREATE TABLE collection (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"key" TEXT NOT NULL,
	name TEXT NOT NULL,
	description TEXT,
	"query" TEXT,
	sort TEXT,
	added_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	CONSTRAINT uq_collection_key UNIQUE ("key")
);
CREATE TABLE library (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	slug TEXT NOT NULL,
	root BLOB NOT NULL,
	root_display TEXT NOT NULL,
	volume TEXT,
	volume_label TEXT,
	mount_point INTEGER DEFAULT '0' NOT NULL,
	online INTEGER DEFAULT '1' NOT NULL,
	added_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	seen_at TEXT,
	CONSTRAINT uq_library_root UNIQUE (root),
	CONSTRAINT uq_library_slug UNIQUE (slug)
);
CREATE TABLE scan (
	id TEXT NOT NULL,
	mode TEXT NOT NULL,
	status TEXT NOT NULL,
	host TEXT NOT NULL,
	pid INTEGER NOT NULL,
	pid_started TEXT NOT NULL,
	started_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	heartbeat_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	ended_at TEXT,
	cancel_requested INTEGER DEFAULT '0' NOT NULL,
	pause_requested INTEGER DEFAULT '0' NOT NULL,
	exit_code INTEGER,
	phase TEXT DEFAULT 'counting' NOT NULL,
	current_file TEXT,
	error TEXT,
	found INTEGER DEFAULT '0' NOT NULL,
	new INTEGER DEFAULT '0' NOT NULL,
	changed INTEGER DEFAULT '0' NOT NULL,
	moved INTEGER DEFAULT '0' NOT NULL,
	missing INTEGER DEFAULT '0' NOT NULL,
	unknown INTEGER DEFAULT '0' NOT NULL,
	unchanged INTEGER DEFAULT '0' NOT NULL,
	ambiguous INTEGER DEFAULT '0' NOT NULL,
	settling INTEGER DEFAULT '0' NOT NULL,
	touched INTEGER DEFAULT '0' NOT NULL,
	total INTEGER DEFAULT '0' NOT NULL,
	done INTEGER DEFAULT '0' NOT NULL,
	failed INTEGER DEFAULT '0' NOT NULL,
	known_failed INTEGER DEFAULT '0' NOT NULL,
	CONSTRAINT pk_scan PRIMARY KEY (id)
);
CREATE INDEX ix_scan_started_at ON scan (started_at);
CREATE TABLE tag (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"key" TEXT NOT NULL,
	name TEXT NOT NULL,
	description TEXT,
	colour TEXT,
	added_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	CONSTRAINT uq_tag_key UNIQUE ("key")
);
CREATE TABLE tag_rule (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"query" TEXT NOT NULL,
	added_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL
);
CREATE TABLE change_page (
	change_id INTEGER NOT NULL,
	page INTEGER NOT NULL,
	content BLOB NOT NULL,
	CONSTRAINT pk_change_page PRIMARY KEY (change_id, page),
	CONSTRAINT fk_change_page_change_id FOREIGN KEY(change_id) REFERENCES change (id) ON DELETE CASCADE
);
CREATE TABLE media (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	library_id INTEGER NOT NULL,
	path BLOB NOT NULL,
	path_text TEXT NOT NULL,
	suffix TEXT NOT NULL,
	kind TEXT NOT NULL,
	size INTEGER NOT NULL,
	mtime_ns INTEGER NOT NULL,
	inode INTEGER NOT NULL,
	companions BLOB,
	missing_at TEXT,
	added_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	newest INTEGER NOT NULL,
	shown_year INTEGER NOT NULL,
	rating INTEGER,
	favourite INTEGER,
	facts_version INTEGER,
	facts_size INTEGER,
	facts_mtime_ns INTEGER,
	facts_companions BLOB,
	facts_attempts INTEGER DEFAULT '0' NOT NULL,
	facts_failure TEXT,
	facts_error TEXT,
	facts_at TEXT,
	reader TEXT,
	fingerprint TEXT,
	sha256 TEXT,
	format TEXT,
	duration FLOAT,
	bit_rate INTEGER,
	width INTEGER,
	height INTEGER,
	orientation INTEGER,
	rotation INTEGER,
	fps FLOAT,
	pixel_format TEXT,
	bit_depth INTEGER,
	hdr TEXT,
	interlaced INTEGER,
	variable_frame_rate INTEGER,
	video_codec TEXT,
	audio_codec TEXT,
	channels INTEGER,
	sample_rate INTEGER,
	cover INTEGER,
	motion INTEGER,
	chapters TEXT,
	taken_local TEXT NOT NULL,
	taken_offset INTEGER,
	taken_source TEXT NOT NULL,
	camera_make TEXT,
	camera_model TEXT,
	lens TEXT,
	iso INTEGER,
	f_number FLOAT,
	exposure_time FLOAT,
	focal_length FLOAT,
	latitude FLOAT,
	longitude FLOAT,
	altitude FLOAT,
	place TEXT,
	title TEXT,
	description TEXT,
	artist TEXT,
	album TEXT,
	album_artist TEXT,
	composer TEXT,
	genre TEXT,
	year INTEGER,
	track INTEGER,
	disc INTEGER,
	keywords TEXT,
	show TEXT,
	season INTEGER,
	episode INTEGER,
	episode_title TEXT,
	live_id TEXT,
	burst_id TEXT,
	extra TEXT,
	origins TEXT,
	note TEXT,
	group_id INTEGER,
	group_kind TEXT,
	CONSTRAINT ck_media_kind CHECK (kind IN ('video', 'audio', 'image')),
	CONSTRAINT fk_media_library_id FOREIGN KEY(library_id) REFERENCES library (id) ON DELETE CASCADE
);
CREATE INDEX ix_media_burst_id ON media (burst_id) WHERE burst_id IS NOT NULL;
CREATE INDEX ix_media_companions ON media (id) WHERE companions IS NOT NULL;
CREATE INDEX ix_media_facts_version ON media (facts_version);
CREATE INDEX ix_media_fingerprint ON media (fingerprint);
CREATE INDEX ix_media_group_id ON media (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX ix_media_live_id ON media (live_id) WHERE live_id IS NOT NULL;
CREATE INDEX ix_media_missing ON media (size) WHERE missing_at IS NOT NULL;
CREATE INDEX ix_media_newest ON media (newest, missing_at, kind, suffix, size, shown_year, duration, width, height, rating, favourite, video_codec, audio_codec, latitude, longitude, library_id, facts_failure);
CREATE INDEX ix_media_place ON media (latitude, longitude) WHERE latitude IS NOT NULL;
CREATE INDEX ix_media_sha256 ON media (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX ix_media_size ON media (size);
CREATE INDEX ix_media_stale ON media (id) WHERE facts_version IS NULL OR facts_size IS NOT size OR facts_mtime_ns IS NOT mtime_ns OR facts_companions IS NOT companions OR facts_failure IS NOT NULL;
CREATE INDEX ix_media_year ON media (shown_year, newest) WHERE missing_at IS NULL;
CREATE UNIQUE INDEX uq_media_library_id_path ON media (library_id, path) WHERE missing_at IS NULL;
CREATE TABLE scan_root (
	scan_id TEXT NOT NULL,
	library_id INTEGER NOT NULL,
	root BLOB NOT NULL,
	root_display TEXT NOT NULL,
	outcome TEXT,
	CONSTRAINT pk_scan_root PRIMARY KEY (scan_id, library_id, root),
	CONSTRAINT fk_scan_root_library_id FOREIGN KEY(library_id) REFERENCES library (id) ON DELETE CASCADE,
	CONSTRAINT fk_scan_root_scan_id FOREIGN KEY(scan_id) REFERENCES scan (id) ON DELETE CASCADE
);
CREATE TABLE tag_alias (
	"key" TEXT NOT NULL,
	name TEXT NOT NULL,
	tag_id INTEGER NOT NULL,
	CONSTRAINT pk_tag_alias PRIMARY KEY ("key"),
	CONSTRAINT fk_tag_alias_tag_id FOREIGN KEY(tag_id) REFERENCES tag (id) ON DELETE CASCADE
);
CREATE TABLE tag_rule_tag (
	rule_id INTEGER NOT NULL,
	tag_id INTEGER NOT NULL,
	CONSTRAINT pk_tag_rule_tag PRIMARY KEY (rule_id, tag_id),
	CONSTRAINT fk_tag_rule_tag_rule_id FOREIGN KEY(rule_id) REFERENCES tag_rule (id) ON DELETE CASCADE,
	CONSTRAINT fk_tag_rule_tag_tag_id FOREIGN KEY(tag_id) REFERENCES tag (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE INDEX ix_tag_rule_tag_tag_id ON tag_rule_tag (tag_id);
CREATE TABLE collection_media (
	collection_id INTEGER NOT NULL,
	media_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	CONSTRAINT pk_collection_media PRIMARY KEY (collection_id, media_id),
	CONSTRAINT fk_collection_media_collection_id FOREIGN KEY(collection_id) REFERENCES collection (id) ON DELETE CASCADE,
	CONSTRAINT fk_collection_media_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE INDEX ix_collection_media_media_id ON collection_media (media_id);
CREATE TABLE correction (
	media_id INTEGER NOT NULL,
	field TEXT NOT NULL,
	value TEXT NOT NULL,
	read TEXT,
	added_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	CONSTRAINT pk_correction PRIMARY KEY (media_id, field),
	CONSTRAINT fk_correction_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE group_due (
	media_id INTEGER NOT NULL,
	CONSTRAINT pk_group_due PRIMARY KEY (media_id),
	CONSTRAINT fk_group_due_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
);
CREATE TABLE history (
	id INTEGER NOT NULL,
	media_id INTEGER,
	library_id INTEGER,
	scan_id TEXT,
	at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	event TEXT NOT NULL,
	evidence TEXT,
	"before" BLOB,
	"after" BLOB,
	CONSTRAINT pk_history PRIMARY KEY (id),
	CONSTRAINT fk_history_library_id FOREIGN KEY(library_id) REFERENCES library (id) ON DELETE CASCADE,
	CONSTRAINT fk_history_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
);
CREATE INDEX ix_history_media_id ON history (media_id);
CREATE INDEX ix_history_scan_id ON history (scan_id);
CREATE TABLE likeness (
	media_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	at FLOAT,
	phash INTEGER NOT NULL,
	dhash INTEGER NOT NULL,
	CONSTRAINT pk_likeness PRIMARY KEY (media_id, position),
	CONSTRAINT fk_likeness_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE media_tag (
	media_id INTEGER NOT NULL,
	tag_id INTEGER NOT NULL,
	source TEXT NOT NULL,
	added_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	rule_id INTEGER,
	CONSTRAINT pk_media_tag PRIMARY KEY (media_id, tag_id),
	CONSTRAINT ck_media_tag_source CHECK (source IN ('person', 'embedded', 'rule')),
	CONSTRAINT fk_media_tag_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_tag_tag_id FOREIGN KEY(tag_id) REFERENCES tag (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE INDEX ix_media_tag_tag_id ON media_tag (tag_id, media_id);
CREATE TABLE media_tag_refused (
	media_id INTEGER NOT NULL,
	tag_id INTEGER NOT NULL,
	CONSTRAINT pk_media_tag_refused PRIMARY KEY (media_id, tag_id),
	CONSTRAINT fk_media_tag_refused_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_tag_refused_tag_id FOREIGN KEY(tag_id) REFERENCES tag (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE scan_problem (
	id INTEGER NOT NULL,
	scan_id TEXT NOT NULL,
	media_id INTEGER,
	path BLOB NOT NULL,
	path_text TEXT NOT NULL,
	reason TEXT NOT NULL,
	message TEXT NOT NULL,
	at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	CONSTRAINT pk_scan_problem PRIMARY KEY (id),
	CONSTRAINT fk_scan_problem_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE SET NULL,
	CONSTRAINT fk_scan_problem_scan_id FOREIGN KEY(scan_id) REFERENCES scan (id) ON DELETE CASCADE
);
CREATE INDEX ix_scan_problem_media_id ON scan_problem (media_id);
CREATE INDEX ix_scan_problem_scan_id ON scan_problem (scan_id);
CREATE TABLE stream (
	media_id INTEGER NOT NULL,
	idx INTEGER NOT NULL,
	type TEXT NOT NULL,
	codec TEXT,
	profile TEXT,
	level FLOAT,
	language TEXT,
	title TEXT,
	bit_rate INTEGER,
	width INTEGER,
	height INTEGER,
	fps FLOAT,
	pixel_format TEXT,
	bit_depth INTEGER,
	channels INTEGER,
	sample_rate INTEGER,
	is_default INTEGER DEFAULT '0' NOT NULL,
	is_forced INTEGER DEFAULT '0' NOT NULL,
	is_attached_picture INTEGER DEFAULT '0' NOT NULL,
	file TEXT,
	CONSTRAINT pk_stream PRIMARY KEY (media_id, idx),
	CONSTRAINT fk_stream_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE INDEX ix_stream_codec ON stream (codec);
CREATE INDEX ix_stream_language ON stream (type, language);
CREATE TABLE tag_rule_due (
	media_id INTEGER NOT NULL,
	CONSTRAINT pk_tag_rule_due PRIMARY KEY (media_id),
	CONSTRAINT fk_tag_rule_due_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
);
CREATE TABLE target (
	media_id INTEGER NOT NULL,
	recipe TEXT NOT NULL,
	version INTEGER NOT NULL,
	size INTEGER NOT NULL,
	mtime_ns INTEGER NOT NULL,
	attempts INTEGER DEFAULT '0' NOT NULL,
	failure TEXT,
	error TEXT,
	made_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	value TEXT,
	bytes INTEGER,
	seconds FLOAT,
	CONSTRAINT pk_target PRIMARY KEY (media_id, recipe),
	CONSTRAINT fk_target_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE INDEX ix_target_recipe_value ON target (recipe, value);
CREATE TABLE verification (
	id INTEGER NOT NULL,
	media_id INTEGER NOT NULL,
	at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')) NOT NULL,
	outcome TEXT NOT NULL,
	message TEXT,
	CONSTRAINT pk_verification PRIMARY KEY (id),
	CONSTRAINT fk_verification_media_id FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
);
CREATE INDEX ix_verification_media_id ON verification (media_id, at);
CREATE VIRTUAL TABLE media_fts USING fts5(title, path, artist, album, album_artist, composer, show, episode_title, description, keywords, camera, place, genre, note, tokenize='unicode61 remove_diacritics 2', prefix='2 3');
CREATE TRIGGER media_fts_delete AFTER DELETE ON media BEGIN DELETE FROM media_fts WHERE rowid = old.newest; END;
CREATE TRIGGER media_fts_move AFTER UPDATE OF newest ON media WHEN old.newest <> new.newest BEGIN UPDATE media_fts SET rowid = new.newest WHERE rowid = old.newest; END;
INSERT INTO alembic_version VALUES ('0001');
