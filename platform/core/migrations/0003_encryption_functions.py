from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# 32 random bytes need no stretching, so that s2k-mode 1 (one round, salted) is as strong as the slow default.
SYMMETRIC = "cipher-algo=aes256, s2k-mode=1, s2k-digest-algo=sha256, compress-algo=0"
PUBLIC = "cipher-algo=aes256, compress-algo=0"

ENC = f"""
DECLARE
  active integer;
  key text;
BEGIN
  SELECT k.number INTO active FROM core_encryptionkey k WHERE k.kind = 'data' AND k.state = 'active';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'No data key is active.'
      USING ERRCODE = 'VB006', HINT = 'Run manage.py keys_register as the owner.';
  END IF;
  key := nullif(current_setting('app.data_key_' || active, true), '');
  IF key IS NULL THEN
    IF coalesce(current_setting('app.key_purpose', true), '') = '' THEN
      RAISE EXCEPTION 'No keys are in force.'
        USING ERRCODE = 'VB001', HINT = 'Write protected columns inside keys_for(...).';
    END IF;
    RAISE EXCEPTION 'This process does not hold data key %, which is active.', active
      USING ERRCODE = 'VB003', HINT = format('Mount data_%s.key into its KEYS_DIRECTORY.', active);
  END IF;
  RETURN set_byte('\\x00'::bytea, 0, active) || pgp_sym_encrypt(plain, key, '{SYMMETRIC}');
END
"""

DEC = """
DECLARE
  purpose text := coalesce(current_setting('app.key_purpose', true), '');
  number integer;
  key text;
BEGIN
  IF purpose = '' THEN
    RAISE EXCEPTION 'No keys are in force.'
      USING ERRCODE = 'VB001', HINT = 'Read protected columns inside keys_for(...).';
  ELSIF purpose NOT IN ('verify', 'deliver', 'reveal', 'export', 'archive', 'rotate') THEN
    RAISE EXCEPTION 'The purpose % may not read.', purpose
      USING ERRCODE = 'VB002', HINT = 'Ask for the keys with the purpose that the reading has.';
  END IF;
  IF octet_length(cipher) < 2 THEN
    RAISE EXCEPTION 'This ciphertext was cut short.'
      USING ERRCODE = 'VB004', HINT = 'Restore the row from a back-up.';
  END IF;
  number := get_byte(cipher, 0);
  key := nullif(current_setting('app.data_key_' || number, true), '');
  IF key IS NULL THEN
    RAISE EXCEPTION 'This process does not hold data key %, under which the value was encrypted.', number
      USING ERRCODE = 'VB003', HINT = format('Mount data_%s.key into its KEYS_DIRECTORY.', number);
  END IF;
  RETURN pgp_sym_decrypt(substr(cipher, 2), key);
EXCEPTION
  WHEN external_routine_invocation_exception THEN
    IF crypt.is_whole(substr(cipher, 2)) THEN
      RAISE EXCEPTION 'This ciphertext does not open with data key %: it was changed, or the key is another one.', number
        USING ERRCODE = 'VB005', HINT = 'Restore the row from a back-up, or the key from its own.';
    END IF;
    RAISE EXCEPTION 'This ciphertext was cut short.'
      USING ERRCODE = 'VB004', HINT = 'Restore the row from a back-up.';
END
"""

SEAL = f"""
DECLARE
  active integer;
  key text;
BEGIN
  SELECT k.number, k.public_key INTO active, key
  FROM core_encryptionkey k WHERE k.kind = 'sealing' AND k.state = 'active';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'No sealing key is active.'
      USING ERRCODE = 'VB006', HINT = 'Run manage.py keys_register as the owner.';
  END IF;
  RETURN set_byte('\\x00'::bytea, 0, active) || pgp_pub_encrypt(plain, dearmor(key), '{PUBLIC}');
END
"""

OPEN = """
DECLARE
  purpose text := coalesce(current_setting('app.key_purpose', true), '');
  number integer;
  key text;
BEGIN
  IF purpose NOT IN ('reveal', 'rotate') THEN
    RAISE EXCEPTION 'A seal is opened only by a reveal.'
      USING ERRCODE = 'VB002', HINT = 'Open it inside keys_for(Purpose.REVEAL, ...).';
  END IF;
  IF octet_length(cipher) < 2 THEN
    RAISE EXCEPTION 'This seal was cut short.'
      USING ERRCODE = 'VB004', HINT = 'Restore the row from a back-up.';
  END IF;
  number := get_byte(cipher, 0);
  key := nullif(current_setting('app.sealing_private_key_' || number, true), '');
  IF key IS NULL THEN
    RAISE EXCEPTION 'This process does not hold the private sealing key %, which alone opens this seal.', number
      USING ERRCODE = 'VB003', HINT = 'Reveal it in the process that holds the key.';
  END IF;
  RETURN pgp_pub_decrypt(substr(cipher, 2), dearmor(key));
EXCEPTION
  WHEN external_routine_invocation_exception THEN
    IF crypt.is_whole(substr(cipher, 2)) THEN
      RAISE EXCEPTION 'This seal does not open with private sealing key %: it was changed, or the key is another one.',
        number USING ERRCODE = 'VB005', HINT = 'Restore the row from a back-up, or the key from its own.';
    END IF;
    RAISE EXCEPTION 'This seal was cut short.'
      USING ERRCODE = 'VB004', HINT = 'Restore the row from a back-up.';
END
"""

IS_WHOLE = """
DECLARE
  size integer := octet_length(message);
  place integer := 0;
  first integer;
  body integer;
  partial boolean;
BEGIN
  WHILE place < size LOOP
    IF get_byte(message, place) & 192 <> 192 THEN
      RETURN true; -- no packet of the new format begins here: changed rather than cut
    END IF;
    place := place + 1;
    LOOP
      IF place >= size THEN
        RETURN false;
      END IF;
      first := get_byte(message, place);
      partial := first BETWEEN 224 AND 254;
      IF first < 192 THEN
        body := first;
        place := place + 1;
      ELSIF first < 224 THEN
        IF place + 2 > size THEN
          RETURN false;
        END IF;
        body := (first - 192) * 256 + get_byte(message, place + 1) + 192;
        place := place + 2;
      ELSIF partial THEN
        body := 1 << (first & 31);
        place := place + 1;
      ELSE
        IF place + 5 > size THEN
          RETURN false;
        END IF;
        body := (get_byte(message, place + 1) << 24) + (get_byte(message, place + 2) << 16)
          + (get_byte(message, place + 3) << 8) + get_byte(message, place + 4);
        place := place + 5;
      END IF;
      IF body < 0 OR body > size - place THEN
        RETURN false;
      END IF;
      place := place + body;
      EXIT WHEN NOT partial;
    END LOOP;
  END LOOP;
  RETURN true;
END
"""


class Migration(migrations.Migration):

    dependencies = [("core", "0002_encryption_keys")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "crypt.is_whole",
            "message bytea",
            "boolean",
            IS_WHOLE,
            volatility="immutable",
            strict=True,
            comment="Whether the packets of an OpenPGP message (RFC 9580, section 4.2) are as long as they say.",
        ),
        CreateFunction(
            "crypt.enc",
            "plain text",
            "bytea",
            ENC,
            strict=True,
            comment="Encrypts under the active data key, which must be in force; the first byte is the key's number.",
        ),
        CreateFunction(
            "crypt.dec",
            "cipher bytea",
            "text",
            DEC,
            volatility="stable",
            strict=True,
            comment="Decrypts with the data key that the first byte names, if it is in force for a purpose that reads.",
        ),
        CreateFunction(
            "crypt.seal",
            "plain text",
            "bytea",
            SEAL,
            strict=True,
            comment="Encrypts to the active sealing key, whose public half the registry holds; the first byte is its number.",
        ),
        CreateFunction(
            "crypt.open",
            "cipher bytea",
            "text",
            OPEN,
            volatility="stable",
            strict=True,
            comment="Opens a seal with the private key that the first byte names, if it is in force for a reveal.",
        ),
    ]
