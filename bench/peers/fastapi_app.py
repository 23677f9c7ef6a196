"""`fastapi`: the stack that Aether follows, FastAPI 0.95 with SQLAlchemy 1.4 and pydantic 1, as one plainly writes it.

It runs in an environment of its own (requirements/bench-fastapi.txt), so it imports nothing of the project.
"""

# ruff: noqa: B008, N805  (as FastAPI and SQLAlchemy want it)

import os
import secrets
from datetime import datetime
from typing import Any, Generic, TypeVar

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from pydantic.generics import GenericModel
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    String,
    Text,
    and_,
    create_engine,
    or_,
)
from sqlalchemy.orm import Session, declarative_base, declared_attr, joinedload, relationship, sessionmaker

KEY = os.environ["BENCH_KEY"]
ADDRESS = f"mysql+mysqldb://root@127.0.0.1:{os.environ['BENCH_DB_PORT']}/aether?charset=utf8mb4"
engine = create_engine(ADDRESS, pool_size=10, max_overflow=10, pool_recycle=3600)
new_session = sessionmaker(bind=engine, autocommit=False, autoflush=False)
Base = declarative_base()


class Common:
    id = Column(BigInteger, primary_key=True)
    id_random = Column(String(22), unique=True, default=lambda: secrets.token_urlsafe(8))
    enable = Column(Boolean, default=True)
    hide = Column(Boolean, default=False)
    priority = Column(Boolean, default=False)
    sort = Column(Integer)
    group = Column(String(100))
    notes = Column(Text)
    created_on = Column(DateTime, default=datetime.utcnow)
    updated_on = Column(DateTime, default=datetime.utcnow, onupdate=datetime.utcnow)


class OfAccount(Common):
    @declared_attr
    def account_id(cls):
        return Column(BigInteger, ForeignKey("account.id"))

    @declared_attr
    def account(cls):
        return relationship("Account")


class Account(Common, Base):
    __tablename__ = "account"


class Person(OfAccount, Base):
    __tablename__ = "person"


class Event(OfAccount, Base):
    __tablename__ = "event"


class EventLocation(OfAccount, Base):
    __tablename__ = "event_location"


class Journal(OfAccount, Base):
    __tablename__ = "journal"


class EventSession(OfAccount, Base):
    __tablename__ = "event_session"
    event_id = Column(BigInteger, ForeignKey("event.id"))
    event = relationship(Event)
    event_location_id = Column(BigInteger, ForeignKey("event_location.id"))
    event_location = relationship(EventLocation)
    poc_person_id = Column(BigInteger, ForeignKey("person.id"))
    poc_person = relationship(Person)
    code = Column(String(100))
    name = Column(String(255))
    description = Column(Text)
    type_code = Column(String(100))
    start_datetime = Column(DateTime)
    end_datetime = Column(DateTime)
    external_id = Column(String(100))


class JournalEntry(OfAccount, Base):
    __tablename__ = "journal_entry"
    journal_id = Column(BigInteger, ForeignKey("journal.id"))
    journal = relationship(Journal)
    person_id = Column(BigInteger, ForeignKey("person.id"))
    person = relationship(Person)
    name = Column(String(255))
    category_code = Column(String(100))
    content = Column(Text)
    tags_json = Column(JSON)
    start_datetime = Column(DateTime)
    end_datetime = Column(DateTime)
    start_time_zone = Column(String(64))
    latitude = Column(Float)
    longitude = Column(Float)
    url = Column(String(500))
    default_qry_str = Column(Text)


class Out(BaseModel):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: datetime
    updated_on: datetime


class EventSessionOut(Out):
    event_id: str
    event_location_id: str | None
    poc_person_id: str | None
    code: str | None
    name: str
    description: str | None
    type_code: str | None
    start_datetime: datetime | None
    end_datetime: datetime | None
    external_id: str | None


class JournalEntryFields(BaseModel):
    enable: bool = True
    hide: bool = False
    priority: bool = False
    sort: int | None
    group: str | None
    notes: str | None
    name: str | None
    category_code: str | None
    content: str | None
    tags_json: list[str] | None
    start_datetime: datetime | None
    end_datetime: datetime | None
    start_time_zone: str | None
    latitude: float | None
    longitude: float | None
    url: str | None


class JournalEntryIn(JournalEntryFields):
    journal_id: str


class JournalEntryOut(JournalEntryFields, Out):
    journal_id: str
    person_id: str | None


class Meta(BaseModel):
    success: bool = True
    status_code: int = 200
    status_message: str = "OK"
    count: int | None
    limit: int | None
    offset: int | None


T = TypeVar("T")


class Envelope(GenericModel, Generic[T]):
    data: T
    meta: Meta


app = FastAPI()


def get_db():
    db = new_session()
    try:
        yield db
    finally:
        db.close()


with new_session() as start:
    ACCOUNTS = dict(start.query(Account.id_random, Account.id).all())


def tenant(x_account_id: str = Header(...), x_aether_api_key: str = Header(...)):
    if x_account_id not in ACCOUNTS or x_aether_api_key != KEY:
        raise HTTPException(403)
    return ACCOUNTS[x_account_id]


def own_columns(row, model):
    return {c.name: getattr(row, c.name) for c in model.__table__.columns if not c.name.endswith("id")}


def session_out(row):
    return EventSessionOut(
        id=row.id_random,
        account_id=row.account.id_random,
        event_id=row.event.id_random,
        event_location_id=row.event_location and row.event_location.id_random,
        poc_person_id=row.poc_person and row.poc_person.id_random,
        external_id=row.external_id,
        **own_columns(row, EventSession),
    )


def entry_out(row):
    return JournalEntryOut(
        id=row.id_random,
        account_id=row.account.id_random,
        journal_id=row.journal.id_random,
        person_id=row.person and row.person.id_random,
        **own_columns(row, JournalEntry),
    )


def sessions(db, account):
    related = [EventSession.account, EventSession.event, EventSession.event_location, EventSession.poc_person]
    return db.query(EventSession).options(*map(joinedload, related)).filter(EventSession.account_id == account)


def entries(db, account):
    related = [JournalEntry.account, JournalEntry.journal, JournalEntry.person]
    return db.query(JournalEntry).options(*map(joinedload, related)).filter(JournalEntry.account_id == account)


def visible(query, model, limit, offset):
    return (
        query.filter(model.enable.is_(True), model.hide.is_(False)).order_by(model.id).offset(offset).limit(limit).all()
    )


def build(node):
    if "and" in node:
        return and_(*map(build, node["and"]))
    if "or" in node:
        return or_(*map(build, node["or"]))
    if node["field"] not in JournalEntryFields.__fields__:
        raise HTTPException(400)
    column, value = getattr(JournalEntry, node["field"]), node["value"]
    if node["op"] == "contains":
        return column.contains(value, autoescape=True)
    compare = {"eq": "__eq__", "ne": "__ne__", "gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__"}
    return getattr(column, compare[node["op"]])(value)


def set_search_text(row):
    row.default_qry_str = f" {' '.join(filter(None, [row.name, row.category_code, row.content, row.url]))} ".lower()


@app.get("/v3/crud/event_session/{public_id}", response_model=Envelope[EventSessionOut])
def get_session(public_id: str, account: int = Depends(tenant), db: Session = Depends(get_db)):
    row = sessions(db, account).filter(EventSession.id_random == public_id).first()
    if row is None:
        raise HTTPException(404)
    return Envelope[EventSessionOut](data=session_out(row), meta=Meta())


@app.get("/v3/crud/event/{public_id}/event_session/", response_model=Envelope[list[EventSessionOut]])
def list_sessions(
    public_id: str, limit: int = 100, offset: int = 0, account: int = Depends(tenant), db: Session = Depends(get_db)
):
    event = db.query(Event).filter(Event.id_random == public_id, Event.account_id == account).first()
    if event is None:
        raise HTTPException(404)
    rows = visible(sessions(db, account).filter(EventSession.event_id == event.id), EventSession, limit, offset)
    meta = Meta(count=len(rows), limit=limit, offset=offset)
    return Envelope[list[EventSessionOut]](data=[session_out(row) for row in rows], meta=meta)


@app.get("/v3/crud/journal_entry/", response_model=Envelope[list[JournalEntryOut]])
def list_entries(limit: int = 100, offset: int = 0, account: int = Depends(tenant), db: Session = Depends(get_db)):
    rows = visible(entries(db, account), JournalEntry, limit, offset)
    meta = Meta(count=len(rows), limit=limit, offset=offset)
    return Envelope[list[JournalEntryOut]](data=[entry_out(row) for row in rows], meta=meta)


@app.get("/v3/crud/journal_entry/{public_id}", response_model=Envelope[JournalEntryOut])
def get_entry(public_id: str, account: int = Depends(tenant), db: Session = Depends(get_db)):
    row = entries(db, account).filter(JournalEntry.id_random == public_id).first()
    if row is None:
        raise HTTPException(404)
    return Envelope[JournalEntryOut](data=entry_out(row), meta=Meta())


@app.post("/v3/crud/journal_entry/search", response_model=Envelope[list[JournalEntryOut]])
def search(
    body: dict[str, Any],
    limit: int = 100,
    offset: int = 0,
    account: int = Depends(tenant),
    db: Session = Depends(get_db),
):
    rows = visible(entries(db, account).filter(build(body)), JournalEntry, limit, offset)
    meta = Meta(count=len(rows), limit=limit, offset=offset)
    return Envelope[list[JournalEntryOut]](data=[entry_out(row) for row in rows], meta=meta)


@app.post("/v3/crud/journal_entry/", response_model=Envelope[JournalEntryOut], status_code=201)
def create(body: JournalEntryIn, account: int = Depends(tenant), db: Session = Depends(get_db)):
    journal = db.query(Journal).filter(Journal.id_random == body.journal_id, Journal.account_id == account).first()
    if journal is None:
        raise HTTPException(400)
    row = JournalEntry(account_id=account, journal_id=journal.id, **body.dict(exclude={"journal_id"}))
    set_search_text(row)
    db.add(row)
    db.commit()
    db.refresh(row)
    return Envelope[JournalEntryOut](data=entry_out(row), meta=Meta(status_code=201))


@app.patch("/v3/crud/journal_entry/{public_id}", response_model=Envelope[JournalEntryOut])
def patch(public_id: str, body: JournalEntryFields, account: int = Depends(tenant), db: Session = Depends(get_db)):
    row = entries(db, account).filter(JournalEntry.id_random == public_id).first()
    if row is None:
        raise HTTPException(404)
    for name, value in body.dict(exclude_unset=True).items():
        setattr(row, name, value)
    set_search_text(row)
    db.commit()
    db.refresh(row)
    return Envelope[JournalEntryOut](data=entry_out(row), meta=Meta())
