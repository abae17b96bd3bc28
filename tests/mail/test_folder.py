"""Without a mail server, mails are files: whole ones, for us alone, under names that nobody guesses."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard import mail
from tests.mail.conftest import Post
from tests.mail.reading import needed, row, written


def test_a_mail_is_a_file_that_a_mail_program_opens(post: Post, scale: Any, now: datetime) -> None:
    assert mail.send(needed(scale, now=now), now=now)

    [path] = post.files()
    assert re.fullmatch(rf"{now:%Y%m%d%H%M%S}-\d+-[0-9a-f]{{32}}\.eml", path.name)
    assert written(path)["Subject"] == "Withings needs you to reconnect"
    assert written(path)["From"] == "no-reply@demo.test"


def test_nobody_else_may_read_it(post: Post, scale: Any, now: datetime) -> None:
    mail.send(needed(scale, now=now), now=now)

    [path] = post.files()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_to_is_a_hiccup(post: Post, scale: Any, tmp_path: Path, now: datetime) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    post.use(MAIL_FOLDER=str(in_the_way))
    mail_id = needed(scale, now=now)

    assert not mail.send(mail_id, now=now)

    assert row(mail_id).failure_code == "folder_unwritable"
    assert row(mail_id).due_at is not None
