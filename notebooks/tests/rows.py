"""The brief's own posts, as the emulator sends them."""

from bucket import Row

CLEAN_PIN: Row = {
    "index": 10794,
    "unique_id": "c4bd2577-a7bb-4409-bb7a-17d5ed7e1cf1",
    "title": "TireBuyer",
    "description": "Nissan GT-R. Sick.",
    "poster_name": "Ray Uyemura",
    "follower_count": "437",
    "tag_list": "Lowrider,Old Vintage Cars",
    "is_image_or_video": "image",
    "image_src": "https://i.pinimg.com/originals/0d/29/9f/0d299f3df020395aa7ce8387f40fbeed.jpg",
    "downloaded": 1,
    "save_location": "Local save in /data/vehicles",
    "category": "vehicles",
}
CLEAN_GEO: Row = {
    "ind": 10794,
    "timestamp": "2022-01-01T02:26:50",
    "latitude": -89.5236,
    "longitude": -154.567,
    "country": "Cocos (Keeling) Islands",
}
CLEAN_USER: Row = {
    "ind": 10794,
    "first_name": "Thomas",
    "last_name": "Turner",
    "age": 34,
    "date_joined": "2016-12-22T00:02:02",
}
DIRTY_PIN: Row = {
    "index": 7528,
    "unique_id": "fbe53c66-3442-4773-b19e-d3ec6f54dddf",
    "title": "No Title Data Available",
    "description": "No description available Story format",
    "poster_name": "User Info Error",
    "follower_count": "User Info Error",
    "tag_list": "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e",
    "is_image_or_video": "multi-video(story page format)",
    "image_src": "Image src error.",
    "downloaded": 0,
    "save_location": "Local save in /data/mens-fashion",
    "category": "mens-fashion",
}


def pin(index: int, **values: object) -> Row:
    """The clean post under another index, with some values changed."""
    return {**CLEAN_PIN, "index": index, **values}


def geo(ind: int, **values: object) -> Row:
    """The clean geolocation under another index, with some values changed."""
    return {**CLEAN_GEO, "ind": ind, **values}


def user(ind: int, **values: object) -> Row:
    """The clean user under another index, with some values changed."""
    return {**CLEAN_USER, "ind": ind, **values}
